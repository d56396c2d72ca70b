import assert from 'node:assert/strict';
import { readFileSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { StoredTensor, TensorType } from '../../../../../src/inference/onnx/checkpoint/checkpoint';
import { decodeFloats } from '../../../../../src/inference/onnx/checkpoint/decodeFloats';
import { openCheckpoint } from '../../../../../src/inference/onnx/checkpoint/openCheckpoint';
import { readTensor, sameBytes } from '../../../../../src/inference/onnx/checkpoint/readTensor';
import { TensorRows } from '../../../../../src/inference/onnx/checkpoint/tensorRows';
import { GOLDEN, useFolder } from './support/tinyCheckpoint';

/** IEEE 754 binary16 by its definition. */
function halfValue(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

const allPatterns = Uint16Array.from({ length: 65536 }, (_, bits) => bits);

describe('decodeFloats', () => {
  it('turns each of the 65,536 float16 patterns into its value', () => {
    const values = new Float32Array(65536);
    assert.equal(decodeFloats(new Uint8Array(allPatterns.buffer), 'F16', values), 65536);
    for (let bits = 0; bits < 65536; bits++) {
      if (!Object.is(values[bits], halfValue(bits)))
        assert.fail(`${bits}: ${values[bits]} for ${halfValue(bits)}`);
    }
  });

  it('puts each of the 65,536 bfloat16 patterns above sixteen zero bits', () => {
    const bits = new Uint32Array(65536);
    decodeFloats(new Uint8Array(allPatterns.buffer), 'BF16', new Float32Array(bits.buffer));
    bits.forEach((value, pattern) => assert.equal(value, pattern * 65536));
  });

  it('keeps float32, NaNs included, and reads what is not aligned', () => {
    const source = Uint32Array.of(0x7f800001, 0xffc12345, 0x3f800000, 0x80000000);
    const shifted = new Uint8Array(17);
    shifted.set(new Uint8Array(source.buffer), 1);
    const target = new Float32Array(4);
    assert.equal(decodeFloats(shifted.subarray(1), 'F32', target), 4);
    assert.deepEqual(new Uint32Array(target.buffer), source);
    const halves = new Float32Array(1);
    decodeFloats(Uint8Array.of(9, 0, 0x3c).subarray(1), 'F16', halves);
    assert.equal(halves[0], 1);
  });

  it('writes no more than fits', () => {
    const target = new Float32Array(2);
    assert.equal(decodeFloats(new Uint8Array(8), 'BF16', target), 2);
    assert.equal(decodeFloats(new Uint8Array(3), 'BF16', target), 1);
  });
});

describe('readTensor', () => {
  const inFolder = useFolder();

  /** A file with a few bytes in front, which every tensor of a safetensors file has. */
  function stored(type: TensorType, shape: readonly number[], bytes: Uint8Array, before = 13): StoredTensor {
    const file = inFolder(`${type}-${before}`);
    const all = new Uint8Array(before + bytes.length);
    all.set(bytes, before);
    writeFileSync(file, all);
    return { name: 't', type, shape, file, offset: before, byteLength: bytes.length };
  }

  it('reads a tensor of several chunks', async () => {
    const count = 5 * 2 ** 20 + 7;
    const bits = Uint16Array.from({ length: count }, (_, i) => (i * 40503) & 0x7f7f);
    const numbers = await readTensor(stored('BF16', [count], new Uint8Array(bits.buffer)));
    const found = new Uint32Array(numbers.buffer);
    assert.equal(found.length, count);
    for (let i = 0; i < count; i++) if (found[i] !== bits[i]! << 16) assert.fail(`number ${i} differs`);
  });

  it('reads the same numbers that lie in the reference checkpoint', async () => {
    const { tensors } = await openCheckpoint(path.join(GOLDEN, 'checkpoint'));
    const tensor = tensors.get('visual.merger.mlp.2.bias') ?? assert.fail();
    const bytes = readFileSync(tensor.file);
    const numbers = await readTensor(tensor);
    assert.equal(numbers.length, 128);
    // The place as the file's own header gives it: 4939904 to 4940416 behind the header.
    const start = 8 + Number(bytes.readBigUInt64LE(0)) + 4939904;
    numbers.forEach((value, i) => assert.equal(value, bytes.readFloatLE(start + 4 * i)));
  });

  it('can be cancelled, and refuses a file that became shorter', async () => {
    const tensor = stored('F32', [4], new Uint8Array(16));
    await assert.rejects(readTensor(tensor, { signal: AbortSignal.abort() }), { code: 'cancelled' });
    truncateSync(tensor.file, 20);
    await assert.rejects(readTensor(tensor), { code: 'input', message: /ends within t/ });
    await assert.rejects(readTensor({ ...tensor, file: inFolder('gone') }), { code: 'missing' });
  });

  it('compares two tensors by their bytes', async () => {
    const bytes = new Uint8Array(5 * 2 ** 20);
    const other = bytes.slice();
    other[other.length - 1] = 1;
    const first = stored('F32', [bytes.length / 4], bytes, 1);
    const second = stored('F32', [bytes.length / 4], bytes, 2);
    assert.equal(await sameBytes(first, second), true);
    assert.equal(await sameBytes(first, stored('F32', [bytes.length / 4], other, 3)), false);
    assert.equal(await sameBytes(first, stored('BF16', [bytes.length / 2], bytes, 4)), false);
  });
});

describe('TensorRows', () => {
  it('reads any rows in any order, as the whole tensor has them', async () => {
    for (const name of ['checkpoint', 'checkpoint-bf16-sharded']) {
      const { tensors } = await openCheckpoint(path.join(GOLDEN, name));
      const table = tensors.get('model.embed_tokens.weight') ?? assert.fail();
      const width = 128;
      const whole = await readTensor(table);
      const wanted = [5, 6, 7, 3, 3, 3, 2047, 0, 1, 5, 4, 3];
      const rows = new TensorRows();
      const found = rows.readRows(table, wanted);
      wanted.forEach((row, at) => {
        const expected = whole.subarray(row * width, (row + 1) * width);
        assert.deepEqual(found.subarray(at * width, (at + 1) * width), expected, `row ${row}`);
      });
      // All of it takes more than one read of the scratch buffer.
      assert.deepEqual(rows.readRange(table, 0, 2048), whole);
      assert.deepEqual(rows.readRows(table, Int32Array.of(9)), whole.slice(9 * width, 10 * width));
      assert.equal(rows.readRows(table, []).length, 0);
      rows.close();
      rows.close();
      assert.throws(() => rows.readRows(table, [0]), { code: 'usage', message: /after it was closed/ });
    }
  });

  it('refuses rows that are not there, and files that are gone', async () => {
    const { tensors } = await openCheckpoint(path.join(GOLDEN, 'checkpoint'));
    const table = tensors.get('model.embed_tokens.weight') ?? assert.fail();
    const rows = new TensorRows();
    for (const wanted of [[-1], [2048], [2047, 2048], [0.5], [NaN]]) {
      assert.throws(() => rows.readRows(table, wanted), { code: 'usage', message: /rows 0 to 2047/ });
    }
    assert.throws(() => rows.readRows({ ...table, file: `${table.file}.gone` }, [0]), { code: 'missing' });
    assert.throws(() => rows.readRows({ ...table, offset: 10 ** 9 }, [0]), {
      code: 'input',
      message: /ends within/,
    });
    rows.close();
  });
});
