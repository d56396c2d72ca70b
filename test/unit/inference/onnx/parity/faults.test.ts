import assert from 'node:assert/strict';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { ParityOptions } from '../../../../parity/options';
import { verifyParity } from '../../../../parity/verifyParity';
import { QWEN_FOLDER } from '../../../../support/goldenQwen';
import { runParity } from './support/runParity';

/** One short conversation is enough to see whether a fault is found. */
const SHORT = { provider: 'cpu', steps: 3, cases: ['text'], ways: ['in one go'], json: false } as const;

type Json = Record<string, unknown>;
/** What is done to a file of the folder: its JSON is changed, or its bytes are. */
interface Damage {
  readonly what: string;
  readonly file: string;
  readonly change: (value: Json) => void;
  /** What the report must say. */
  readonly named: RegExp;
}

const first = (value: Json, key: string): Json => (value[key] as Json[])[0]!;
const inside = (value: Json, ...keys: readonly string[]): Json =>
  keys.reduce((found, key) => found[key] as Json, value);
const bump = (list: unknown, at = 0, by = 1): void => {
  (list as number[])[at]! += by;
};

/** Done all at once: each must be named, whatever else is wrong. */
const DAMAGES: readonly Damage[] = [
  {
    what: 'a wrong size',
    file: 'smart_resize.json',
    change: (value) => (first(value, 'cases')['hf'] = [28, 252]),
    named: /smart_resize, transformers.*cases\[0\]/,
  },
  {
    what: 'a case more that is wrong',
    file: 'smart_resize.json',
    change: (value) =>
      (value['cases'] as Json[]).push({
        ...first(value, 'cases'),
        h: 1000,
        qwen_vl_utils: [1, 1],
      }),
    named: /smart_resize, qwenVlUtils.*cases\[379\]/,
  },
  {
    what: 'cases under an unknown name',
    file: 'smart_resize.json',
    change: (value) => (value['more_cases'] = value['cases']),
    named: /smart_resize\.json\.more_cases was not used/,
  },
  {
    what: 'an unknown field of one case',
    file: 'smart_resize.json',
    change: (value) => (first(value, 'cases')['other_library'] = [1, 1]),
    named: /cases\[0\]\.other_library was not used/,
  },
  {
    what: 'a wrong id',
    file: 'tokenize.json',
    change: (value) => bump((value['cases'] as Json[])[1]!['ids']),
    named: /tokenizer, ids.*cases\[1\]/,
  },
  {
    what: 'a wrong text',
    file: 'tokenize.json',
    change: (value) => (first(value, 'partial')['decoded'] = 'x'),
    named: /parts of characters.*partial\[0\]/,
  },
  {
    what: 'a wrong rendering',
    file: 'generate/conversation.json',
    change: (value) => (inside(value, 'rendered')['text'] = 'hello'),
    named: /chat template.*rendered\.text/,
  },
  {
    what: 'another crop',
    file: 'generate/conversation.json',
    change: (value) => bump(value['crop_box'], 2),
    named: /size of the crop.*off by/,
  },
  {
    what: 'a wrong position',
    file: 'rope.json',
    change: (value) => bump((first(value, 'layouts')['position_ids'] as unknown[])[1], 3),
    named: /position ids.*text only/,
  },
  {
    what: 'a wrong far angle',
    file: 'rope.json',
    change: (value) => bump((inside(value, 'far_positions')['cos'] as unknown[])[6], 2, 1e-6),
    named: /far positions.*20000/,
  },
  {
    what: 'a wrong window',
    file: 'vision/vision.json',
    change: (value) => bump((value['grids'] as Json[])[1]!['window_index']),
    named: /window order.*grids\[1\]/,
  },
  {
    what: 'a wrong crop',
    file: 'images/crops.json',
    change: (value) => (first(value, 'crops')['rgb_sha256'] = '0'),
    named: /crops.*crops\[0\]/,
  },
  {
    what: 'wrong pixels',
    file: 'images/sha256.json',
    change: (value) => (value['alpha.rgb.bin'] = '0'),
    named: /images, decoded.*alpha\.png/,
  },
  {
    what: 'a hash of nothing',
    file: 'images/sha256.json',
    change: (value) => (value['nothing.bin'] = '0'),
    named: /images\/nothing\.bin was not used/,
  },
  {
    what: 'a wrong greedy token',
    file: 'generate/generate.json',
    change: (value) => bump(inside(value, 'cases', 'text', 'greedy')['ids'], 2),
    named: /in one go: greedy tokens[^,].*"text" step 2/,
  },
  {
    what: 'a wrong second choice',
    file: 'generate/generate.json',
    change: (value) => bump(inside(value, 'cases', 'text', 'greedy')['second_ids']),
    named: /second choices.*"text" step 0/,
  },
  {
    what: 'a wrong log-probability',
    file: 'generate/generate.json',
    change: (value) => bump(inside(value, 'cases', 'text', 'greedy')['logprobs'], 1, 6e-4),
    named: /log-probabilities.*"text" step 1/,
  },
  {
    what: 'a wrong token with the penalty',
    file: 'generate/generate.json',
    change: (value) => bump(inside(value, 'cases', 'text')['greedy_repetition_penalty_1.05'], 1),
    named: /with penalty.*"text" penalty 1\.05 step 1/,
  },
  {
    what: 'a conversation of an unknown shape',
    file: 'generate/generate.json',
    change: (value) => (inside(value, 'cases')['mine'] = { input_ids: [1] }),
    named: /generate\.json "mine" can't be read/,
  },
  {
    what: 'an unknown kind of value in a conversation',
    file: 'generate/generate.json',
    change: (value) => (inside(value, 'cases', 'text')['attention'] = [1]),
    named: /cases\.text\.attention was not used/,
  },
];

/** The first number of each is moved by more than any tolerance. */
const NUMBERS: Readonly<Record<string, RegExp>> = {
  'generate/text.logits.bin': /in one go: logits.*"text" after token 0/,
  'generate/text.forced_logprobs.bin': /log-probabilities.*"text" token 1:/,
  'generate/text.hidden_states.bin': /hidden states.*"text"/,
  'generate/crop.pixel_values.bin': /pixel_values.*crop\.pixel_values/,
  'vision/scene.features.bin': /vision, features.*scene/,
  'vision/scene.patch_embed.bin': /patch embedding.*scene/,
  'vision/photo_exif6.block2.bin': /vision, blocks.*block2/,
  'vision/rotary_10x12.sin.bin': /rotary rows.*rotary_10x12/,
  'rope_cos.bin': /cos and sin.*rope_cos/,
};

const STRANGERS = ['audio.json', 'vision/more.bin', 'images/other.png', 'checkpoint-third/config.json'];

describe('the comparison', function () {
  this.timeout(120_000);
  const folders: string[] = [];
  after(() => {
    for (const folder of folders) rmSync(folder, { recursive: true });
  });

  function copyOf(): string {
    const folder = emptyFolder();
    cpSync(QWEN_FOLDER, folder, { recursive: true });
    return folder;
  }

  function emptyFolder(): string {
    const folder = mkdtempSync(path.join(tmpdir(), 'parity-'));
    folders.push(folder);
    return folder;
  }

  /** All that the report says of faults, a line each, with the kind in front. */
  async function faultsOf(folder: string, change: Partial<ParityOptions> = {}): Promise<readonly string[]> {
    const report = await verifyParity({ ...SHORT, folder, ...change });
    const faults = [
      ...report.kinds.flatMap((kind) => kind.faults.map((fault) => `${kind.name}: ${fault}`)),
      ...report.faults,
    ];
    assert.equal(report.passed, faults.length === 0);
    return faults;
  }

  const assertNamed = (faults: readonly string[], named: RegExp): void =>
    assert.ok(
      faults.some((fault) => named.test(fault)),
      `not named: ${faults.join('\n')}`,
    );

  function changeJson(folder: string, file: string, change: (value: Json) => void): void {
    const name = path.join(folder, file);
    const value = JSON.parse(readFileSync(name, 'utf8')) as Json;
    change(value);
    writeFileSync(name, JSON.stringify(value));
  }

  it('finds nothing wrong with the folder as it is', async () => {
    assert.deepEqual(await faultsOf(QWEN_FOLDER), []);
  });

  it('finds a single wrong value', async () => {
    const folder = copyOf();
    const [damage] = DAMAGES;
    assert.ok(damage);
    changeJson(folder, damage.file, damage.change);
    const faults = await faultsOf(folder);
    assert.equal(faults.length, 1);
    assertNamed(faults, damage.named);
  });

  describe('names, in a folder of many faults,', () => {
    let faults: readonly string[] = [];
    before(async () => {
      const folder = copyOf();
      for (const { file, change } of DAMAGES) changeJson(folder, file, change);
      for (const file of Object.keys(NUMBERS)) {
        const name = path.join(folder, file);
        const numbers = new Float32Array(new Uint8Array(readFileSync(name)).buffer);
        numbers[0] = (numbers[0] ?? 0) + 0.002;
        writeFileSync(name, new Uint8Array(numbers.buffer));
      }
      faults = await faultsOf(folder);
    });

    for (const { what, named } of DAMAGES) it(what, () => assertNamed(faults, named));
    for (const [file, named] of Object.entries(NUMBERS)) {
      it(`a wrong number in ${file}`, () => assertNamed(faults, named));
    }
  });

  it('names files that are cut off, missing or without a case', async () => {
    const folder = copyOf();
    const cut = path.join(folder, 'generate/text.logits.bin');
    writeFileSync(cut, new Uint8Array(readFileSync(cut).subarray(0, -4)));
    rmSync(path.join(folder, 'tokenize.json'));
    rmSync(path.join(folder, 'vision/scene.features.bin'));
    changeJson(folder, 'smart_resize.json', (value) => (value['cases'] = []));
    const faults = await faultsOf(folder);
    assertNamed(faults, /text\.logits\.bin has \d+ bytes/);
    assertNamed(faults, /^tokenizer: tokenize\.json is not in/);
    assertNamed(faults, /scene\.features\.bin is not in/);
    assertNamed(faults, /^smart_resize, transformers: there is no case/);
  });

  it('names files and checkpoints that no check knows, and ends with 1', async () => {
    const folder = copyOf();
    for (const name of STRANGERS) {
      mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
      writeFileSync(path.join(folder, name), '{}');
    }
    const short = ['--cases', 'text', '--steps', '2', '--ways', 'in one go'];
    const run = await runParity([folder, ...short]);
    assert.equal(run.code, 1, run.output);
    for (const name of ['audio.json', 'vision/more.bin', 'images/other.png']) {
      assert.ok(run.output.includes(`FAIL ${name} was not used by any check`), run.output);
    }
    assert.match(run.output, /FAIL .*checkpoint-third/);
    assert.match(run.output, /limited: at most 2 greedy steps/);
    assert.match(run.output, /limited: the conversations text_image, conversation,/);
    assert.match(run.output, /parity: .* FAILED\n$/);
  });

  it('ends with 1 for a folder without anything', async () => {
    const run = await runParity([emptyFolder()]);
    assert.equal(run.code, 1, run.output);
  });

  it('ends with 2 for words that it does not know', async () => {
    const unknown = await runParity([QWEN_FOLDER, '--quickly']);
    assert.equal(unknown.code, 2);
    assert.match(unknown.errors, /--quickly is not an option/);
  });

  it('refuses a conversation that is not there', async () => {
    assertNamed(await faultsOf(QWEN_FOLDER, { cases: ['text', 'tale'] }), /there is no conversation "tale"/);
  });
});
