import assert from 'node:assert/strict';
import { ImcotError } from '../../../../../src/common/errors';
import { inverseFrequencies } from '../../../../../src/inference/onnx/positions/frequencies';
import {
  imagePositions,
  positionAfterImage,
  ropeRows,
  textPositions,
  tokenPositions,
} from '../../../../../src/inference/onnx/positions/mrope';
import { mergedGrid } from '../../../../../src/inference/onnx/positions/patchGrid';
import { largestDifference, readQwenFloats, readQwenJson } from '../../../../support/goldenQwen';

interface Layout {
  readonly name: string;
  readonly input_ids: number[];
  readonly image_grid_thw: readonly [number, number, number][];
  readonly appended_at: number[];
  readonly position_ids: [number[], number[], number[]];
  readonly rope_delta: number;
  readonly next_position: number;
}

const golden = readQwenJson('rope.json') as {
  mrope_section: [number, number, number];
  head_dim: number;
  rope_theta: number;
  layouts: Layout[];
  inv_freq_float32: number[];
  cos_sin: { layout: string };
  far_positions: { positions: number[]; cos: number[][]; sin: number[][] };
};
const { image_token_id: IMAGE } = readQwenJson('checkpoint/config.json') as { image_token_id: number };
const TEXT = {
  headDim: golden.head_dim,
  ropeTheta: golden.rope_theta,
  mropeSection: golden.mrope_section,
};
/** One unit in the last place of a number below 1; the angles are the same bits. */
const TOLERANCE = 2 ** -23;

const gridsOf = (layout: Layout) =>
  layout.image_grid_thw.map(([, rows, columns]) => mergedGrid({ rows, columns }, 2));

/** The reference's three rows as one triple per token. */
const triplesOf = ({ position_ids: [t, h, w] }: Layout) => t.flatMap((value, at) => [value, h[at], w[at]]);

/** Each row of angles twice, as the reference stores them. */
function doubled(rows: Float32Array, half: number): Float32Array {
  const result = new Float32Array(rows.length * 2);
  for (let at = 0; at < rows.length; at += half) {
    const row = rows.subarray(at, at + half);
    result.set(row, at * 2);
    result.set(row, at * 2 + half);
  }
  return result;
}

describe('tokenPositions', () => {
  for (const layout of golden.layouts) {
    it(`lays out "${layout.name}" as the reference does`, () => {
      const found = tokenPositions(layout.input_ids, IMAGE, gridsOf(layout));
      assert.deepEqual([...found.positions], triplesOf(layout));
      assert.equal(found.next, layout.next_position);
      assert.equal(found.next - layout.input_ids.length, layout.rope_delta);
    });
  }

  it('comes to the same turn by turn', () => {
    const appended = golden.layouts.filter((layout) => layout.appended_at.length > 0);
    assert.equal(appended.length, 2);
    for (const layout of appended) {
      const grids = gridsOf(layout);
      const cuts = [0, ...layout.appended_at, layout.input_ids.length];
      const positions: number[] = [];
      let next = 0;
      for (const [turn, from] of cuts.slice(0, -1).entries()) {
        const ids = layout.input_ids.slice(from, cuts[turn + 1]);
        let tokens = ids.filter((id) => id === IMAGE).length;
        const own = [];
        while (tokens > 0) {
          const grid = grids.shift();
          assert.ok(grid);
          own.push(grid);
          tokens -= grid.rows * grid.columns;
        }
        const found = tokenPositions(ids, IMAGE, own, next);
        positions.push(...found.positions);
        next = found.next;
      }
      assert.deepEqual(positions, triplesOf(layout), layout.name);
      assert.equal(next, layout.next_position);
    }
  });

  it('is made of text and images', () => {
    const grid = { rows: 2, columns: 3 };
    const whole = tokenPositions([5, 5, ...Array<number>(6).fill(IMAGE), 5], IMAGE, [grid], 10);
    const parts = [...textPositions(10, 2), ...imagePositions(12, grid), ...textPositions(15, 1)];
    assert.equal(positionAfterImage(12, grid), 15);
    assert.deepEqual([...whole.positions], parts);
    assert.equal(whole.next, 16);
  });

  it('refuses image tokens and grids that do not fit', () => {
    const grid = { rows: 1, columns: 2 };
    const wrong: [number[], { rows: number; columns: number }[]][] = [
      [[5, IMAGE, 5], [grid]],
      [[5, IMAGE], [grid]],
      [[5, IMAGE, IMAGE, IMAGE], [grid]],
      [[5, IMAGE, IMAGE], []],
      [[5, 5], [grid]],
      [[IMAGE], [{ rows: 0, columns: 0 }]],
    ];
    for (const [ids, grids] of wrong) {
      assert.throws(
        () => tokenPositions(ids, IMAGE, grids),
        (thrown) =>
          thrown instanceof ImcotError && thrown.code === 'usage' && /^Image \d/.test(thrown.message),
        JSON.stringify(ids),
      );
    }
  });
});

describe('ropeRows', () => {
  it('has the reference`s frequencies, bit for bit', () => {
    assert.deepEqual([...inverseFrequencies(TEXT.ropeTheta, TEXT.headDim)], golden.inv_freq_float32);
  });

  it('gives the reference`s rows for a conversation with a crop', () => {
    const layout = golden.layouts.find(({ name }) => name === golden.cos_sin.layout);
    assert.ok(layout);
    const { cos, sin } = ropeRows(tokenPositions(layout.input_ids, IMAGE, gridsOf(layout)).positions, TEXT);
    const half = TEXT.headDim / 2;
    const off = Math.max(
      largestDifference(doubled(cos, half), readQwenFloats('rope_cos.bin')),
      largestDifference(doubled(sin, half), readQwenFloats('rope_sin.bin')),
    );
    assert.ok(off <= TOLERANCE, `off by ${off}`);
  });

  it('gives the reference`s rows far out, where float64 angles would be off by a thousandth', () => {
    const { positions, cos, sin } = golden.far_positions;
    const found = ropeRows(Int32Array.from(positions.flatMap((at) => [at, at, at])), TEXT);
    const half = TEXT.headDim / 2;
    const wanted = (rows: number[][]) => rows.flatMap((row) => row.slice(0, half));
    assert.ok(Math.max(...positions) >= 100_000);
    assert.ok(largestDifference(found.cos, wanted(cos)) <= TOLERANCE);
    assert.ok(largestDifference(found.sin, wanted(sin)) <= TOLERANCE);
  });

  it('turns each section by its own position', () => {
    const row = ropeRows(Int32Array.of(1, 2, 3), TEXT).sin;
    const of = (position: number) => ropeRows(textPositions(position, 1), TEXT).sin;
    const [t, h] = TEXT.mropeSection;
    assert.deepEqual([...row], [...of(1).slice(0, t), ...of(2).slice(t, t + h), ...of(3).slice(t + h)]);
  });
});
