import { ImcotError } from '../../../src/common/errors';
import { smartResize, type ResizeFlavour } from '../../../src/common/smartResize';
import type { GoldenFolder } from '../goldenFolder';
import { EXACT, type Report } from '../report';
import type { Entry } from '../trackedJson';

const FLAVOURS: Readonly<Record<string, ResizeFlavour>> = {
  hf: 'transformers',
  qwen_vl_utils: 'qwenVlUtils',
};

/** smart_resize.json: [height, width], or the reference's error in words, by two implementations. */
export async function checkSmartResize(golden: GoldenFolder, report: Report): Promise<void> {
  const cases = golden.json('smart_resize.json').entries('cases');
  for (const [key, flavour] of Object.entries(FLAVOURS)) {
    const kind = report.kind(`smart_resize, ${flavour}`, EXACT);
    kind.expect(cases.length);
    for (const item of cases) await kind.check(item.place, () => differs(item, key, flavour));
  }
}

function differs(item: Entry, key: string, flavour: ResizeFlavour): number {
  const size = { width: item.number('w'), height: item.number('h') };
  const limits = {
    factor: item.number('factor'),
    minPixels: item.number('min_pixels'),
    maxPixels: item.number('max_pixels'),
  };
  const wanted = item.value(key);
  const found = resized(size, limits, flavour);
  const same =
    typeof wanted === 'string' ? found === undefined : JSON.stringify(wanted) === JSON.stringify(found);
  return same ? 0 : 1;
}

/** Undefined where we refuse, as the reference raises. */
function resized(...args: Parameters<typeof smartResize>): readonly [number, number] | undefined {
  try {
    const { height, width } = smartResize(...args);
    return [height, width];
  } catch (thrown) {
    if (thrown instanceof ImcotError && thrown.code === 'input') return undefined;
    throw thrown;
  }
}
