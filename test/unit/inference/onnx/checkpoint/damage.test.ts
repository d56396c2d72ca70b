import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { ImcotError } from '../../../../../src/common/errors';
import { openCheckpoint } from '../../../../../src/inference/onnx/checkpoint/openCheckpoint';
import { readSafetensors } from '../../../../../src/inference/onnx/checkpoint/readSafetensors';
import { checkPropertyAsync } from '../../../../support/property';
import type { Json } from './support/tinyCheckpoint';
import {
  safetensors,
  tinyConfig,
  tinyTensors,
  useFolder,
  withHeader,
  writeCheckpoint,
  writeFolder,
  writeSharded,
} from './support/tinyCheckpoint';

/** Values that somebody may put where a number, a text or an object belongs. */
const anything = fc.oneof(
  fc.constantFrom(null, true, '', '__proto__', -1, 0, 1, 2, 8, 1e12, 2 ** 53, 1e308, 0.5, -0, [], {}),
  fc.constantFrom([1e12, 0], [0, 2 ** 53], [-1], ['x'], [[]], { hidden_size: 1e9 }, { type: 'mrope' }),
  fc.jsonValue({ maxDepth: 3 }),
);

/** Runs it: a value or an ImcotError with a sentence, and soon. */
async function settles<T>(run: () => Promise<T>): Promise<T | undefined> {
  const start = performance.now();
  try {
    return await run();
  } catch (thrown) {
    assert.ok(thrown instanceof ImcotError, `${String(thrown)} was thrown`);
    assert.notEqual(thrown.code, 'internal');
    assert.ok(thrown.message.length < 3000, 'the sentence is too long');
    return undefined;
  } finally {
    assert.ok(performance.now() - start < 5000, 'it took too long');
  }
}

/** Changes the value at a random place inside. */
function replacedAt(value: unknown, path: readonly number[], by: unknown): unknown {
  const [step, ...rest] = path;
  if (typeof value !== 'object' || value === null || step === undefined) return by;
  const keys = Object.keys(value);
  const key = keys[step % Math.max(1, keys.length)];
  if (key === undefined) return by;
  const inner = replacedAt((value as Json)[key], rest, by);
  return Array.isArray(value)
    ? value.map((entry: unknown, at) => (String(at) === key ? inner : entry))
    : { ...value, [key]: inner };
}

describe('damaged checkpoints', function () {
  this.timeout(60_000);
  const inFolder = useFolder();
  const whole = safetensors(tinyTensors());
  const headerBytes = Number(new DataView(whole.buffer).getBigUint64(0, true));

  async function checkBytes(bytes: Uint8Array): Promise<void> {
    const file = inFolder('damaged.safetensors');
    writeFileSync(file, bytes);
    const found = await settles(() => readSafetensors(file));
    for (const tensor of found ?? []) {
      assert.ok(tensor.offset >= 8 && tensor.offset + tensor.byteLength <= bytes.length, tensor.name);
    }
  }

  it('cut and flipped in the header: refused, or read within the file', async () => {
    const flips = fc.array(fc.tuple(fc.nat(headerBytes + 7), fc.nat(255)), { minLength: 1, maxLength: 6 });
    await checkPropertyAsync(
      fc.asyncProperty(flips, fc.option(fc.nat(whole.length)), async (changes, cut) => {
        const bytes = whole.slice(0, cut ?? whole.length);
        for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value;
        await checkBytes(bytes);
      }),
      { numRuns: 300 },
    );
  });

  it('with any header at all', async () => {
    await checkPropertyAsync(
      fc.asyncProperty(fc.dictionary(fc.string(), anything), fc.nat(64), (header, bytes) =>
        checkBytes(withHeader(JSON.stringify(header), new Uint8Array(bytes))),
      ),
      { numRuns: 300 },
    );
  });

  it('with any header length', async () => {
    await checkPropertyAsync(
      fc.asyncProperty(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), async (length) => {
        const bytes = whole.slice();
        new DataView(bytes.buffer).setBigUint64(0, length, true);
        await checkBytes(bytes);
      }),
      { numRuns: 200 },
    );
  });

  it('with something else anywhere in a JSON file', async () => {
    const file = fc.constantFrom('config.json', 'preprocessor_config.json', 'model.safetensors.index.json');
    const files: Readonly<Record<string, Json>> = {
      'config.json': tinyConfig(),
      'preprocessor_config.json': { min_pixels: 16, size: { longest_edge: 5 }, image_mean: [0, 0, 0] },
      'model.safetensors.index.json': { weight_map: { 'lm_head.weight': 'a.safetensors' } },
    };
    writeSharded(inFolder('m'));
    await checkPropertyAsync(
      fc.asyncProperty(file, fc.array(fc.nat(40), { maxLength: 4 }), anything, async (name, path, value) => {
        const before = readFileSync(inFolder('m', name), 'utf8');
        writeFileSync(inFolder('m', name), JSON.stringify(replacedAt(files[name], path, value)));
        await settles(() => openCheckpoint(inFolder('m')));
        writeFileSync(inFolder('m', name), before);
      }),
      { numRuns: 300 },
    );
  });

  it('nested deeper than any stack', async () => {
    const deep = `${'[{"a":'.repeat(60_000)}1${'}]'.repeat(60_000)}`;
    for (const name of ['config.json', 'model.safetensors.index.json', 'preprocessor_config.json']) {
      writeFolder(inFolder('m'));
      writeFileSync(
        inFolder('m', name),
        `{"vision_config": {"hidden_size": ${deep}}, "weight_map": ${deep}}`,
      );
      assert.equal(await settles(() => openCheckpoint(inFolder('m'))), undefined);
    }
    writeFolder(inFolder('m'));
    writeFileSync(inFolder('m', 'model.safetensors.index.json'), `{"weight_map": {"a": ${deep}}}`);
    assert.equal(await settles(() => openCheckpoint(inFolder('m'))), undefined);
    writeCheckpoint(inFolder('m'));
    const config = JSON.stringify(tinyConfig());
    writeFileSync(inFolder('m', 'config.json'), config.replace('"hidden_size":8', `"hidden_size":${deep}`));
    assert.equal(await settles(() => openCheckpoint(inFolder('m'))), undefined);
    await checkBytes(withHeader(`{"a": ${deep}}`, new Uint8Array(8)));
  });
});
