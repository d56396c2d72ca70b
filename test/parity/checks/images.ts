import sharp from 'sharp';
import { QWEN25_LIMITS, smartResize } from '../../../src/common/smartResize';
import type { RgbImage } from '../../../src/imaging/imageStore';
import { pillowResize } from '../../../src/imaging/pillowResize';
import { openCheckpoint } from '../../../src/inference/onnx/checkpoint/openCheckpoint';
import type { ModelConfig } from '../../../src/inference/onnx/checkpoint/modelConfig';
import { prepareImage } from '../../../src/inference/onnx/processor/imageProcessor';
import { differenceTo, differing } from '../compare';
import { type GoldenFolder, sha256 } from '../goldenFolder';
import type { Pictures } from '../pictures';
import { EXACT, type Report, within } from '../report';
import type { Entry } from '../trackedJson';

const FILE = 'images/images.json';
export const PIXEL_VALUES = within(1e-6);

/** images.json: pictures decoded, resized, and as the vision tower takes them. */
export async function checkImages(golden: GoldenFolder, pictures: Pictures, report: Report): Promise<void> {
  for (const image of golden.json(FILE).entries('images')) {
    await checkDecoding(golden, pictures, image, report);
    await checkOtherDecoders(golden, image, report);
    await checkFetchImage(pictures, image, report);
    for (const processed of image.entries('processed')) {
      await checkProcessed(golden, pictures, image.text('file'), processed, report);
    }
  }
}

const shapeOf = (image: RgbImage): readonly number[] => [image.height, image.width, 3];

async function checkDecoding(
  golden: GoldenFolder,
  pictures: Pictures,
  image: Entry,
  report: Report,
): Promise<void> {
  const kind = report.kind('images, decoded', EXACT);
  const size = report.kind('images, upright size', EXACT);
  const file = image.text('file');
  image.ignore('mode');
  kind.expect(1);
  size.expect(1);
  const stored = golden.array(image, 'rgb', FILE);
  await kind.check(file, async () => {
    const found = await pictures.rgb(file);
    return differenceTo(stored, found.data, shapeOf(found));
  });
  await size.check(file, async () => {
    const { width, height } = await pictures.rgb(file);
    return differing([width, height], image.numbers('upright_size_wh'));
  });
  if (!image.has('qwen_vl_utils_white_rgb')) return;
  const white = golden.array(image, 'qwen_vl_utils_white_rgb', FILE);
  kind.expect(1);
  await kind.check(white.place, async () => {
    const found = await pictures.rgb(file);
    return differenceTo(white, found.data, shapeOf(found));
  });
}

/** What the reference's other ways of opening give, which the product does not take: the decoder under it agrees. */
async function checkOtherDecoders(golden: GoldenFolder, image: Entry, report: Report): Promise<void> {
  const kind = report.kind('images, decoded without alpha or upright', EXACT);
  const file = image.text('file');
  const bytes = golden.bytes(`images/${file}`);
  const plain = async (upright: boolean): Promise<RgbImage> => {
    const opened = upright ? sharp(bytes).autoOrient() : sharp(bytes);
    const picture = opened.removeAlpha().toColourspace('srgb').raw();
    const { data, info } = await picture.toBuffer({ resolveWithObject: true });
    if (info.channels !== 3) throw new Error(`${info.channels} channels`);
    return { width: info.width, height: info.height, data };
  };
  kind.expect(2);
  await kind.check(`${file} as stored`, async () => {
    const { width, height, data } = await plain(false);
    return (
      differing([width, height], image.numbers('stored_size_wh')) +
      Number(sha256(data) !== image.text('stored_rgb_sha256'))
    );
  });
  await kind.check(`${file} upright`, async () =>
    Number(sha256((await plain(true)).data) !== image.text('load_image_rgb_sha256')),
  );
  if (!image.has('alpha_dropped_rgb')) return;
  const dropped = golden.array(image, 'alpha_dropped_rgb', FILE);
  kind.expect(1);
  await kind.check(dropped.place, async () => {
    const found = await plain(true);
    return differenceTo(dropped, new Uint8Array(found.data), shapeOf(found));
  });
}

/** qwen-vl-utils resizes before the processor does. */
async function checkFetchImage(pictures: Pictures, image: Entry, report: Report): Promise<void> {
  const kind = report.kind('images, fetch_image', EXACT);
  const file = image.text('file');
  const wanted = image.entry('fetch_image');
  kind.expect(1);
  await kind.check(file, async () => {
    const rgb = await pictures.rgb(file);
    const found = pillowResize(rgb, smartResize(rgb, QWEN25_LIMITS, 'qwenVlUtils'));
    return (
      differing([found.width, found.height], wanted.numbers('size_wh')) +
      Number(sha256(found.data) !== wanted.text('rgb_sha256'))
    );
  });
}

async function checkProcessed(
  golden: GoldenFolder,
  pictures: Pictures,
  file: string,
  processed: Entry,
  report: Report,
): Promise<void> {
  const limits = report.kind('images, limits and grid', EXACT);
  const resized = report.kind('images, resized', EXACT);
  const values = report.kind('pixel_values', PIXEL_VALUES);
  for (const kind of [limits, resized, values]) kind.expect(1);
  processed.ignore('fast_vs_pil_max_abs', 'fast_vs_pil_levels', 'fast_vs_pil_share_of_values_off');
  const { config } = await openCheckpoint(golden.checkpoint(processed.text('processor')));
  const rgb = await pictures.rgb(file);
  const prepared = await prepareImage(rgb, config.imageProcessor, config.vision);
  const { rows, columns } = prepared.grid;
  const place = `${file} by ${processed.text('processor')}`;
  await limits.check(place, () => {
    const { minPixels, maxPixels } = config.imageProcessor;
    return (
      differing([minPixels, maxPixels], processed.numbers('min_max_pixels')) +
      differing([1, rows, columns], processed.numbers('image_grid_thw'))
    );
  });
  const storedPixels = golden.array(processed, 'resized_rgb', FILE);
  await resized.check(storedPixels.place, () => {
    const found = pillowResize(rgb, prepared.seen);
    return differenceTo(storedPixels, found.data, shapeOf(found));
  });
  const storedValues = golden.array(processed, 'pixel_values', FILE);
  await values.check(storedValues.place, () =>
    differenceTo(storedValues, prepared.pixelValues, [rows * columns, patchValues(config)]),
  );
}

/** Numbers of one patch. */
export function patchValues({ vision }: ModelConfig): number {
  return vision.channels * vision.temporalPatchSize * vision.patchSize ** 2;
}

/** The crop of the conversation in generate.json, as the vision tower takes it. */
export async function checkCropValues(
  golden: GoldenFolder,
  pictures: Pictures,
  config: ModelConfig,
  report: Report,
): Promise<void> {
  const GENERATE = 'generate/generate.json';
  const crop = golden.json(GENERATE).entry('crop');
  const conversation = golden.json('generate/conversation.json');
  const kind = report.kind('pixel_values', PIXEL_VALUES);
  const limits = report.kind('images, limits and grid', EXACT);
  kind.expect(1);
  limits.expect(1);
  const image = await pictures.cropped(conversation.text('image'), conversation.numbers('crop_box'));
  const { grid, pixelValues } = await prepareImage(image, config.imageProcessor, config.vision);
  const stored = golden.array(crop, 'pixel_values', GENERATE);
  await limits.check(crop.place, () =>
    differing([1, grid.rows, grid.columns], crop.numbers('image_grid_thw')),
  );
  await kind.check(stored.place, () =>
    differenceTo(stored, pixelValues, [grid.rows * grid.columns, patchValues(config)]),
  );
}
