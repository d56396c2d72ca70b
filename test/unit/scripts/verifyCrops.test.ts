import assert from 'node:assert/strict';
import { copyFileSync } from 'node:fs';
import path from 'node:path';
import { verifyCrops } from '../../../scripts/crops/verifyFolder';
import { QWEN_FOLDER, qwenPath, readQwenJson } from '../../support/goldenQwen';
import { ScratchFolder } from '../../support/scratchFolder';

interface Case {
  box: number[];
  size_wh?: number[];
  rgb_sha256?: string;
  error?: string;
}
interface Crops {
  image: string;
  size_wh: number[];
  crops: Case[];
  bicubic_resizes: { box: number[]; target_wh: number[]; rgb: unknown }[];
}

async function verify(folder: string): Promise<{ passed: boolean; text: string }> {
  const lines: string[] = [];
  const passed = await verifyCrops(folder, (line) => lines.push(line));
  return { passed, text: lines.join('\n') };
}

describe('verify:crops', () => {
  let folder: ScratchFolder;
  beforeEach(() => (folder = new ScratchFolder()));
  afterEach(() => folder.remove());

  /** The reference boxes in a folder of their own, under other names, with something changed. */
  async function changed(change: (crops: Crops) => void): Promise<{ passed: boolean; text: string }> {
    const crops = readQwenJson('images/crops.json') as Crops;
    crops.image = 'other.png';
    change(crops);
    folder.write('deep/boxes.json', JSON.stringify({ of: [crops] }));
    const hashes = readQwenJson('images/sha256.json') as Record<string, string>;
    folder.write('deep/sha256.json', JSON.stringify(hashes));
    copyFileSync(qwenPath('images/scene.png'), path.join(folder.path, 'deep/other.png'));
    return verify(folder.path);
  }

  it('uses every case and file of the reference folder', async () => {
    const { passed, text } = await verify(QWEN_FOLDER);
    assert.ok(passed, text);
    assert.match(text, /images\/crops\.json: 43 of 43 cases used/);
    assert.match(text, /images\/images\.json: 4 of 4 cases used/);
    assert.match(text, /10 of 10 files and 48 of 48 cases used, 125 values compared, 0 mismatched/);
  });

  it('takes the names from the folder', async () => {
    const { passed, text } = await changed(() => undefined);
    assert.ok(passed, text);
    assert.match(text, /deep\/boxes\.json: 43 of 43 cases used/);
  });

  it('ends badly for a pixel, a size, an error and a box that differ', async () => {
    const first = (crops: Crops): Case => crops.crops[0] as Case;
    const wrong: ((crops: Crops) => void)[] = [
      (crops) => (first(crops).rgb_sha256 = '0'.repeat(64)),
      (crops) => (first(crops).size_wh = [1, 2]),
      (crops) => (first(crops).box = [0, 0, 10, 10]),
      (crops) => (crops.crops[0] = { box: [0, 0, 5, 5], error: 'ValueError' }),
      (crops) => (crops.crops[0] = { ...first(crops), box: [9, 0, 5, 5] }),
      (crops) => (crops.bicubic_resizes[0] = { ...crops.bicubic_resizes[0], box: [0, 0, 9, 9] } as never),
      (crops) => (crops.size_wh = [3, 4]),
    ];
    for (const change of wrong) {
      const { passed, text } = await changed(change);
      assert.ok(!passed, text);
      assert.match(text, /MISMATCH/);
    }
  });

  it('ends badly for what it does not use', async () => {
    const unheard = await changed((crops) => Object.assign(crops.crops[0] as Case, { rotated: 'yes' }));
    assert.ok(!unheard.passed);
    assert.match(unheard.text, /42 of 43 cases used[^]*UNUSED .*nothing compares .*rotated/);
    const lost = await changed((crops) => (crops.image = 'gone.png'));
    assert.ok(!lost.passed);
    assert.match(lost.text, /its picture is not in the folder[^]*other\.png is used by no case/);
    folder.write('deep/more.bin', 'x');
    assert.match((await changed(() => undefined)).text, /UNUSED deep\/more\.bin is used by no case/);
  });

  it('ends badly where there is nothing to compare', async () => {
    folder.write('notes.json', '{"a": 1}');
    const { passed, text } = await verify(folder.path);
    assert.ok(!passed);
    assert.match(text, /0 of 0 cases used/);
  });
});
