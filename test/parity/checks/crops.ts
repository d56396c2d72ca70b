import { ImcotError } from '../../../src/common/errors';
import type { RgbImage } from '../../../src/imaging/imageStore';
import { pillowResize } from '../../../src/imaging/pillowResize';
import { differenceTo, differing } from '../compare';
import { type GoldenFolder, sha256 } from '../goldenFolder';
import type { Pictures } from '../pictures';
import { EXACT, type Report } from '../report';
import type { Entry } from '../trackedJson';

const FILE = 'images/crops.json';

/** crops.json: boxes cut out of a picture, or refused, and parts of it resized. */
export async function checkCrops(golden: GoldenFolder, pictures: Pictures, report: Report): Promise<void> {
  const file = golden.json(FILE);
  const image = file.text('image');
  const size = report.kind('crops, size of the picture', EXACT);
  size.expect(1);
  await size.check(image, async () => {
    const { width, height } = await pictures.rgb(image);
    return differing([width, height], file.numbers('size_wh'));
  });
  const crops = file.entries('crops');
  const kind = report.kind('crops', EXACT);
  kind.expect(crops.length);
  for (const item of crops) {
    await kind.check(item.place, async () => wrongCrop(item, await cropOrNothing(pictures, image, item)));
  }
  const resizes = file.entries('bicubic_resizes');
  const resized = report.kind('bicubic resizes', EXACT);
  resized.expect(resizes.length);
  for (const item of resizes) {
    const stored = golden.array(item, 'rgb', FILE);
    await resized.check(stored.place, async () => {
      const [width = 0, height = 0] = item.numbers('target_wh');
      const found = pillowResize(await pictures.cropped(image, item.numbers('box')), { width, height });
      return differenceTo(stored, found.data, [height, width, 3]);
    });
  }
}

/** Undefined where the box is refused. */
async function cropOrNothing(pictures: Pictures, image: string, item: Entry): Promise<RgbImage | undefined> {
  try {
    return await pictures.cropped(image, item.numbers('box'));
  } catch (thrown) {
    if (thrown instanceof ImcotError && thrown.code === 'input') return undefined;
    throw thrown;
  }
}

function wrongCrop(item: Entry, found: RgbImage | undefined): number {
  if (item.has('error')) return Number(item.text('error') === '' || found !== undefined);
  if (!found) return 1;
  return (
    differing([found.width, found.height], item.numbers('size_wh')) +
    Number(sha256(found.data) !== item.text('rgb_sha256'))
  );
}
