import type { ModelConfig } from '../../../src/inference/onnx/checkpoint/modelConfig';
import { inverseFrequencies } from '../../../src/inference/onnx/positions/frequencies';
import { ropeRows, textPositions, tokenPositions } from '../../../src/inference/onnx/positions/mrope';
import { largestDifference } from '../../support/goldenQwen';
import { differing, largestSteps, numbersOf } from '../compare';
import type { GoldenFolder, StoredArray } from '../goldenFolder';
import { EXACT, type Report, within, withinSteps } from '../report';
import type { Entry } from '../trackedJson';

const FILE = 'rope.json';

/** Where each patch grid of a reference stands in visual tokens. */
export function mergedGrids(
  grids: readonly (readonly number[])[],
  mergeSize: number,
): { readonly rows: number; readonly columns: number }[] {
  return grids.map(([time, rows, columns]) => {
    if (time !== 1 || rows === undefined || columns === undefined)
      throw new Error('a grid is not of one picture');
    return { rows: rows / mergeSize, columns: columns / mergeSize };
  });
}

/** (t, h, w) per token as the reference lays them out: one row per axis. */
export function axes(positions: Int32Array): number[][] {
  return [0, 1, 2].map((axis) => [...positions].filter((_, at) => at % 3 === axis));
}

/** rope.json: positions of layouts and angles of positions. */
export async function checkPositions(
  golden: GoldenFolder,
  config: ModelConfig,
  report: Report,
): Promise<void> {
  const file = golden.json(FILE);
  const { text } = config;
  const shape = report.kind('m-rope, configuration', EXACT);
  shape.expect(4);
  await shape.check('mrope_section', () => differing(text.mropeSection, file.numbers('mrope_section')));
  await shape.check('head_dim', () => Number(text.headDim !== file.number('head_dim')));
  await shape.check('rope_theta', () => Number(text.ropeTheta !== file.number('rope_theta')));
  await shape.check('inv_freq_float32', () =>
    differing(inverseFrequencies(text.ropeTheta, text.headDim), file.numbers('inv_freq_float32')),
  );
  const layouts = file.entries('layouts');
  await checkLayouts(layouts, config, report);
  await checkRows(golden, file, layouts, config, report);
  await checkFar(file.entry('far_positions'), config, report);
}

async function checkLayouts(layouts: readonly Entry[], config: ModelConfig, report: Report): Promise<void> {
  const positions = report.kind('m-rope, position ids', EXACT);
  const deltas = report.kind('m-rope, delta and next position', EXACT);
  const appended = report.kind('m-rope, turns appended', EXACT);
  for (const layout of layouts) {
    const place = `${FILE} "${layout.text('name')}"`;
    const cuts = layout.numbers('appended_at');
    const { ids, merged, wanted } = layoutOf(layout, config);
    const whole = tokenPositions(ids, config.specialTokens.image, merged);
    positions.expect(1);
    deltas.expect(1);
    await positions.check(place, () => differing(axes(whole.positions).flat(), wanted.flat()));
    await deltas.check(
      place,
      () =>
        Number(whole.next - ids.length !== layout.number('rope_delta')) +
        Number(whole.next !== layout.number('next_position')),
    );
    appended.expect(cuts.length);
    for (const cut of cuts) {
      await appended.check(`${place} at ${cut}`, () => {
        const before = countImages(ids.slice(0, cut), config.specialTokens.image);
        const { image } = config.specialTokens;
        const first = tokenPositions(ids.slice(0, cut), image, merged.slice(0, before));
        const rest = tokenPositions(ids.slice(cut), image, merged.slice(before), first.next);
        return differing([...first.positions, ...rest.positions], [...whole.positions]);
      });
    }
  }
}

function layoutOf(layout: Entry, config: ModelConfig) {
  return {
    ids: layout.numbers('input_ids'),
    merged: mergedGrids(layout.rows('image_grid_thw'), config.vision.mergeSize),
    wanted: layout.rows('position_ids'),
  };
}

/** Runs of the image token. */
function countImages(ids: readonly number[], image: number): number {
  return ids.filter((id, at) => id === image && ids[at - 1] !== image).length;
}

async function checkRows(
  golden: GoldenFolder,
  file: Entry,
  layouts: readonly Entry[],
  config: ModelConfig,
  report: Report,
): Promise<void> {
  const kind = report.kind('m-rope, cos and sin', withinSteps(1));
  const rows = file.entry('cos_sin');
  const name = rows.text('layout');
  const layout = layouts.find((candidate) => candidate.text('name') === name);
  kind.expect(2);
  for (const key of ['cos', 'sin'] as const) {
    const stored = golden.array(rows, key, FILE);
    await kind.check(stored.place, () => {
      if (!layout) throw new Error(`there is no layout "${name}"`);
      const { ids, merged } = layoutOf(layout, config);
      const { positions } = tokenPositions(ids, config.specialTokens.image, merged);
      return stepsTo(stored, ropeRows(positions, config.text)[key]);
    });
  }
}

/** The reference repeats each row for the second half of a head. */
export function stepsTo(stored: StoredArray, found: Float32Array): number {
  const half = (stored.shape[1] ?? 0) / 2;
  const doubled = new Float32Array(found.length * 2);
  for (let row = 0; row * half < found.length; row++) {
    const part = found.subarray(row * half, (row + 1) * half);
    doubled.set(part, row * 2 * half);
    doubled.set(part, (row * 2 + 1) * half);
  }
  return largestSteps(doubled, numbersOf(stored));
}

async function checkFar(far: Entry, config: ModelConfig, report: Report): Promise<void> {
  const kind = report.kind('m-rope, far positions', withinSteps(1));
  const positions = far.numbers('positions');
  const found = positions.map((position) => ropeRows(textPositions(position, 1), config.text));
  kind.expect(2 * positions.length);
  for (const key of ['cos', 'sin'] as const) {
    const wanted = far.rows(key);
    for (const [index, position] of positions.entries()) {
      await kind.check(`${FILE} ${key} of ${position}`, () => {
        const row = found[index]?.[key] ?? [];
        return largestSteps([...row, ...row], wanted[index] ?? []);
      });
    }
  }
  const error = report.kind('m-rope, float32 angles against float64', within(1e-6));
  const { headDim, ropeTheta } = config.text;
  error.expect(positions.length);
  const wanted = far.numbers('max_abs_cos_error_against_float64');
  for (const [index, position] of positions.entries()) {
    await error.check(`${FILE} ${position}`, () => {
      const exact = Array.from({ length: headDim / 2 }, (_, at) =>
        Math.cos(position * ropeTheta ** ((-2 * at) / headDim)),
      );
      return Math.abs(largestDifference(found[index]?.cos ?? [], exact) - (wanted[index] ?? NaN));
    });
  }
}
