import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { findCheckpoints } from '../../../../src/host/models/modelFolders';
import { labelFolder, labelFolders } from '../../../../src/inference/onnx/checkpoint/folderLabels';

const QWEN = JSON.stringify({ architectures: ['Qwen2_5_VLForConditionalGeneration'] });

describe('checkpoints in a folder', () => {
  let root: string;
  const at = (...parts: string[]): string => path.join(root, ...parts);

  function checkpoint(place: string, config = QWEN, weights = 'model.safetensors'): string {
    mkdirSync(at(place), { recursive: true });
    writeFileSync(at(place, 'config.json'), config);
    writeFileSync(at(place, weights), '');
    return at(place);
  }
  const found = async (place = root): Promise<string[]> =>
    (await findCheckpoints(place)).checkpoints.map((folder) => path.relative(root, folder));

  beforeEach(() => (root = mkdtempSync(path.join(tmpdir(), 'models-'))));
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  it('are the folder itself, whatever its config.json says: loading tells what is wrong', async () => {
    for (const [name, config] of Object.entries({ one: QWEN, other: '{"architectures":["X"]}', bad: '{' })) {
      const folder = checkpoint(name, config);
      assert.deepEqual(await findCheckpoints(folder), { checkpoints: [folder] });
    }
  });

  it('are up to three levels down, in the order of their numbers, a checkpoint not searched itself', async () => {
    for (const step of [100, 20, 3]) checkpoint(`run/global_step_${step}/actor/huggingface`);
    checkpoint('run/global_step_3/actor/huggingface/inner');
    checkpoint('a/b/c/d');
    checkpoint('plain', QWEN, 'model-00001-of-00002.safetensors');
    assert.deepEqual(await found(at('run')), [
      'run/global_step_3/actor/huggingface',
      'run/global_step_20/actor/huggingface',
      'run/global_step_100/actor/huggingface',
    ]);
    assert.deepEqual(await found(), ['plain'], 'four levels are too far');
  });

  it('are the snapshots of a Hugging Face cache, whose files are links', async () => {
    const cached = 'hub/models--Qwen--Qwen2.5-VL-3B-Instruct';
    mkdirSync(at(cached, 'blobs'), { recursive: true });
    writeFileSync(at(cached, 'blobs', 'abc'), QWEN);
    for (const commit of ['66285546', '1b989f2c']) {
      mkdirSync(at(cached, 'snapshots', commit), { recursive: true });
      symlinkSync('../../blobs/abc', at(cached, 'snapshots', commit, 'config.json'));
      symlinkSync('../../blobs/gone', at(cached, 'snapshots', commit, 'model.safetensors'));
    }
    checkpoint('hub/models--Other--Text/snapshots/1', '{"architectures":["Qwen2ForCausalLM"]}');
    const snapshots = [`${cached}/snapshots/1b989f2c`, `${cached}/snapshots/66285546`];
    assert.deepEqual(await found(at('hub')), snapshots);
    assert.deepEqual(await found(), snapshots, 'from above the cache');
    assert.deepEqual(await found(at(cached)), snapshots, 'from the model of the cache');
  });

  it('are found through links, and links in a circle end', async () => {
    const far = mkdtempSync(path.join(tmpdir(), 'far-'));
    try {
      writeFileSync(path.join(far, 'config.json'), QWEN);
      writeFileSync(path.join(far, 'model.safetensors'), '');
      mkdirSync(at('list'));
      symlinkSync(far, at('list', 'linked'));
      symlinkSync(root, at('list', 'round'));
      symlinkSync(at('nowhere'), at('list', 'dangling'));
      const all = await found(at('list'));
      assert.ok(all.includes('list/linked'));
      assert.ok(all.length <= 2, all.join());
    } finally {
      rmSync(far, { recursive: true });
    }
  });

  it('are not those of other architectures, half ones, or in hidden folders', async () => {
    checkpoint('text', '{"architectures":["Qwen2ForCausalLM"]}');
    checkpoint('torn', QWEN.slice(0, 20));
    checkpoint('listless', '{"architectures":"Qwen2_5_VLForConditionalGeneration"}');
    checkpoint('.trash/model');
    checkpoint('node_modules/model');
    mkdirSync(at('bare'));
    writeFileSync(at('bare', 'config.json'), QWEN);
    const { checkpoints, problem } = await findCheckpoints(root);
    assert.deepEqual(checkpoints, []);
    assert.match(problem ?? '', /^No Qwen2\.5-VL checkpoint is in .*config\.json.*\*\.safetensors/);
  });

  it('are said to be missing with their folder', async () => {
    const gone = await findCheckpoints(at('gone'));
    assert.deepEqual(gone, { checkpoints: [], problem: `There is no folder ${at('gone')}.` });
    writeFileSync(at('file'), '');
    assert.match((await findCheckpoints(at('file'))).problem ?? '', /file is no folder|not a folder/);
  });

  it('are no longer looked for after so many folders, and that is said', async () => {
    for (let number = 0; number < 20; number++) checkpoint(`model-${number}`);
    const { checkpoints, problem } = await findCheckpoints(root, { depth: 3, folders: 5 });
    assert.equal(checkpoints.length, 5);
    assert.match(problem ?? '', /more than 5 folders/);
  });
});

describe('names of checkpoint folders', () => {
  it('are the last part that tells something', () => {
    assert.equal(labelFolder('/models/Qwen2.5-VL-3B'), 'Qwen2.5-VL-3B');
    assert.equal(labelFolder('/runs/global_step_40/actor/huggingface'), 'global_step_40');
    assert.equal(labelFolder('/hub/models--Qwen--Qwen2.5-VL-3B/snapshots/66285546d2'), 'Qwen2.5-VL-3B');
    assert.equal(labelFolder('/huggingface'), '/huggingface');
    assert.equal(labelFolder('/'), '/');
  });

  it('grow until they differ', () => {
    const cached = '/hub/models--Qwen--VL/snapshots';
    assert.deepEqual(
      labelFolders([
        '/a/run/step_1',
        '/b/run/step_1',
        '/b/run/step_2',
        `${cached}/66285546d2b8`,
        `${cached}/1b989f2c63ac`,
        '/hub/models--Mine--VL/snapshots/0',
      ]),
      ['a/run/step_1', 'b/run/step_1', 'step_2', 'Qwen/VL@6628554', 'Qwen/VL@1b989f2', 'Mine/VL'],
    );
  });

  it('end with the whole path where nothing else helps', () => {
    assert.deepEqual(labelFolders(['/x/huggingface', '/x']), ['/x/huggingface', '/x']);
    assert.deepEqual(labelFolders(['/x', '/x']), ['/x', '/x']);
  });
});
