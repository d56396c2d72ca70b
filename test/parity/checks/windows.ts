import type { ModelConfig } from '../../../src/inference/onnx/checkpoint/modelConfig';
import { inverseFrequencies } from '../../../src/inference/onnx/positions/frequencies';
import { type PatchGrid, patchPositions } from '../../../src/inference/onnx/positions/patchGrid';
import { visionRotary } from '../../../src/inference/onnx/positions/visionRotary';
import { windowOrder } from '../../../src/inference/onnx/positions/windows';
import { differing } from '../compare';
import type { GoldenFolder } from '../goldenFolder';
import { EXACT, type Report, withinSteps } from '../report';
import type { Entry } from '../trackedJson';
import { mergedGrids, stepsTo } from './positions';

/** The vision tower's rotary base is fixed in the reference. */
const THETA = 10000;

/** The grids of vision.json: windows, ends of attention, places and angles of patches. */
export async function checkWindows(
  golden: GoldenFolder,
  file: Entry,
  config: ModelConfig,
  report: Report,
): Promise<void> {
  const { vision } = config;
  const order = report.kind('vision, window order', EXACT);
  const ends = report.kind('vision, ends of windows and pictures', EXACT);
  const places = report.kind('vision, places of patches', EXACT);
  for (const item of file.entries('grids')) {
    const grids = patchGrids(item.rows('image_grid_thw'));
    const found = windowOrder(grids, vision);
    for (const kind of [order, ends, places]) kind.expect(1);
    await order.check(item.place, () => differing(found.order, item.numbers('window_index')));
    await ends.check(
      item.place,
      () =>
        differing(sums(found.windowPatches), item.numbers('cu_window_seqlens')) +
        differing(sums(found.imagePatches), item.numbers('cu_seqlens')),
    );
    await places.check(item.place, () =>
      differing(positionsOf(grids, vision.mergeSize), item.rows('position_ids_hw').flat()),
    );
  }
  await checkRotary(golden, file, config, report);
}

async function checkRotary(
  golden: GoldenFolder,
  file: Entry,
  config: ModelConfig,
  report: Report,
): Promise<void> {
  const { vision } = config;
  const headDim = vision.hiddenSize / vision.heads;
  const shape = report.kind('vision, rotary frequencies', EXACT);
  shape.expect(2);
  await shape.check('head_dim', () => Number(file.number('head_dim') !== headDim));
  await shape.check('inv_freq', () =>
    differing(inverseFrequencies(THETA, headDim / 2), file.numbers('inv_freq')),
  );
  const kind = report.kind('vision, rotary rows', withinSteps(1));
  for (const item of file.entries('rotary')) {
    const positions = positionsOf(patchGrids(item.rows('image_grid_thw')), vision.mergeSize);
    kind.expect(2);
    for (const key of ['cos', 'sin'] as const) {
      const stored = golden.array(item, key, 'vision/vision.json');
      await kind.check(stored.place, () =>
        stepsTo(stored, visionRotary(Int32Array.from(positions), headDim)[key]),
      );
    }
  }
}

function patchGrids(grids: readonly (readonly number[])[]): PatchGrid[] {
  return mergedGrids(grids, 1);
}

function positionsOf(grids: readonly PatchGrid[], mergeSize: number): number[] {
  return grids.flatMap((grid) => [...patchPositions(grid, mergeSize)]);
}

/** 0 and the running sums. */
function sums(lengths: Int32Array): number[] {
  const result = [0];
  for (const length of lengths) result.push((result.at(-1) ?? 0) + length);
  return result;
}
