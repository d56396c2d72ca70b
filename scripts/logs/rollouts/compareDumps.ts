import { isDeepStrictEqual } from 'node:util';
import { smartResize, visualTokenCount } from '../../../src/common/smartResize';
import { boxToArray } from '../../../src/common/boundingBox';
import { parseJson } from '../../../src/common/json';
import type { ToolCall } from '../../../src/trajectory/toolCall';
import type { Trajectory } from '../../../src/trajectory/trajectory';
import type { Fields } from '../comparison';
import { fieldsOf, listOf } from '../comparison';
import type { Ledger, Path } from '../ledger';
import type { ReadRollout, RolloutComparison, RolloutFile } from './rolloutFile';
import { checkCount, recordAt } from './rolloutFile';

/** Parts of DeepEyes' reward by the names that expected.json has for them. */
const PARTS: ReadonlyMap<string, string> = new Map([
  ['acc', 'accuracy'],
  ['format', 'format'],
  ['tool', 'tool'],
]);

/** Dumps of verl and of RL Logging Board: a row per rollout. */
export const dumpsComparison: RolloutComparison = {
  formats: ['verl-rollouts', 'rl-logging-board'],
  compare: compareDump,
};

function compareDump(entry: Fields, file: RolloutFile, ledger: Ledger): void {
  const rows = listOf(entry['rows']).map(fieldsOf);
  checkCount(file, rows.length, ledger);
  for (const [index, row] of rows.entries()) {
    const record = recordAt(file, index, ledger);
    if (!record) continue;
    for (const [key, wanted] of Object.entries(row))
      compareField(key, wanted, ['rows', index, key], record, ledger);
  }
  if ('note' in entry) ledger.except(['note'], 'noteOnly');
  if ('writer' in entry) ledger.except(['writer'], 'describesWriting');
}

function compareField(key: string, wanted: unknown, path: Path, record: ReadRollout, ledger: Ledger): void {
  const { trajectory, facts } = record;
  const part = PARTS.get(key);
  if (part !== undefined) return comparePart(part, wanted, path, trajectory, ledger);
  switch (key) {
    case 'offset':
      return ledger.compare(path, trajectory.origin.bytes.start);
    case 'step':
      return ledger.compare(path, trajectory.step);
    case 'reward':
    case 'score':
      return ledger.compare(path, trajectory.reward?.total);
    case 'gts':
    case 'ground_truth':
      return ledger.compare(path, trajectory.groundTruth ?? null);
    case 'uid':
      return ledger.compare(path, trajectory.id);
    case 'calls':
    case 'zooms':
      return ledger.compare(path, facts.toolCalls);
    case 'images':
      return ledger.compare(path, facts.zoomCount);
    case 'tokens':
      return ledger.compare(path, trajectory.tokens?.texts.length);
    case 'model_tokens':
      return ledger.compare(path, facts.modelTokens);
    case 'logprob_sum':
      return ledger.compare(
        path,
        trajectory.tokens?.logProbabilities?.reduce((sum, one) => sum + one, 0),
      );
    case 'replacement_chars_in_tokens':
      return ledger.compare(path, trajectory.tokens?.texts.filter((text) => text.includes('\ufffd')).length);
    case 'crops':
      return compareCrops(listOf(wanted), path, record, ledger);
    case 'image_size':
      return compareSize(listOf(wanted), path, trajectory, ledger);
  }
}

/** A part that the total does not tell, since two formulas explain it, is in no file. */
function comparePart(
  part: string,
  wanted: unknown,
  path: Path,
  { reward }: Trajectory,
  ledger: Ledger,
): void {
  const got = reward?.parts.find(({ name }) => name === part)?.value;
  if (got === undefined && (reward?.candidates?.length ?? 0) > 1) ledger.except(path, 'partNotTold');
  // The reader makes 0 of -0, which a reward of zero is no other than.
  else ledger.compare(path, got, typeof wanted === 'number' ? wanted + 0 : wanted);
}

/** Every call's box, and whether a crop came back for it. */
function compareCrops(
  crops: readonly unknown[],
  path: Path,
  { trajectory }: ReadRollout,
  ledger: Ledger,
): void {
  const calls = trajectory.turns.flatMap(({ parts, observation }) =>
    parts.flatMap((part) => (part.kind === 'toolCall' ? [{ call: part.call, observation }] : [])),
  );
  if (calls.length !== crops.length)
    ledger.wrong(`${path.join(' > ')}: ${calls.length} calls, ${crops.length} expected`);
  for (const [at, crop] of crops.map(fieldsOf).entries()) {
    const asked = calls[at];
    const box = asked && boxOf(asked.call);
    ledger.checkAll([...path, at, 'bbox_2d'], isDeepStrictEqual(box, crop['bbox_2d']), box);
    if ('ok' in crop) ledger.compare([...path, at, 'ok'], (asked?.observation?.images.length ?? 0) > 0);
  }
}

/** The numbers of a call's box; of a call that was no JSON those that stand in its text. */
function boxOf(call: ToolCall): unknown {
  if (call.status === 'parsed') return call.box && boxToArray(call.box);
  const found = /"bbox_2d":\s*(\[[^\]]*\])/.exec(call.text)?.[1];
  const parsed = parseJson(found ?? '');
  return parsed.ok ? parsed.value : undefined;
}

/** The dump has the picture's pads: as many as a picture of that size has visual tokens. */
function compareSize(wanted: readonly unknown[], path: Path, { prompt }: Trajectory, ledger: Ledger): void {
  const [width, height] = wanted;
  const got = prompt.images[0]?.visualTokens;
  const resized =
    typeof width === 'number' && typeof height === 'number' ? smartResize({ width, height }) : undefined;
  const tokens = resized && visualTokenCount(resized);
  ledger.checkAll(path, got !== undefined && got === tokens, got);
}
