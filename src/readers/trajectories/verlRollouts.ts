import type { GroupKey } from '../../trajectory/group';
import { promptOfText, undividedPrompt } from '../../trajectory/promptText';
import type { RewardPart } from '../../trajectory/reward';
import type { PartName } from '../../analysis/rewardFormula';
import { recoverReward } from '../../analysis/recoverReward';
import { turnsOfResponse } from '../../trajectory/segment';
import type { Trajectory, ZoomVariant } from '../../trajectory/trajectory';
import { extrasOf } from '../extras';
import type { JsonRecord } from '../fields';
import { asFiniteNumber, asInteger, asPlainText, asRecord, asText, field } from '../fields';
import type { RecordContext, RecordResult, SniffInput, TrajectoryReader } from '../reader';
import { badRecord, lineRecord, originOf } from '../recordResult';
import { derivedGroup } from './derivedGroup';
import { outcomeOfResponse } from './responseOutcome';
import { verdictOfReward } from './verdictOfReward';

/*
 * verl's rollout and validation dumps, `<step>.jsonl`. Special tokens are usually stripped, images never dumped.
 * Source: `_write_generations` in verl's `ray_trainer.py` and `v1/trainer_base.py`. The classic one turns numpy scalars
 * into strings ("True", "1.0").
 */

/** Reward extras that are parts of the reward, under the names that reward functions give them. */
const PART_FIELDS: ReadonlyMap<string, PartName> = new Map([
  ['acc', 'accuracy'],
  ['format', 'format'],
  ['tool', 'tool'],
]);
/** DeepEyes' own texts: a run with them was made by its environment's rules, not by verl's tool. */
const DEEPEYES_MARKS = ['Think first, call **image_zoom_in_tool**', 'ZOOM IN ARGUMENTS ARE INVALID'];

function storedParts(record: JsonRecord): Map<string, RewardPart> {
  const parts = new Map<string, RewardPart>();
  for (const [name, part] of PART_FIELDS) {
    const value = asFiniteNumber(field(record, name));
    // Adding 0 makes 0 of -0.
    if (value !== undefined) parts.set(name, { name: part, value: value + 0, provenance: 'stored' });
  }
  return parts;
}

/** `<sample>_<rollout>_<output>`: the group is the sample. A uid without two underscores is the group itself. */
function groupOfUid(uid: string): GroupKey {
  const last = uid.lastIndexOf('_');
  const middle = last < 0 ? -1 : uid.lastIndexOf('_', last - 1);
  return { key: middle > 0 ? uid.slice(0, middle) : uid, provenance: 'uid' };
}

/** The training step that the file is named after. */
function stepOfName(file: string): number | undefined {
  const digits = /(?:^|[/\\])(\d{1,12})\.jsonl$/.exec(file)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

function zoomVariantOf(input: string, output: string): ZoomVariant {
  return DEEPEYES_MARKS.some((mark) => input.includes(mark) || output.includes(mark)) ? 'trainingV2' : 'verl';
}

function groundTruthOf(record: JsonRecord): string | undefined {
  const value = field(record, 'gts');
  return Array.isArray(value) && value.length === 1 ? asPlainText(value[0]) : asPlainText(value);
}

function buildTrajectory(record: JsonRecord, context: RecordContext): Trajectory {
  const input = asText(field(record, 'input')) ?? '';
  const output = asText(field(record, 'output')) ?? '';
  const turns = turnsOfResponse(output, 'trainingV2');
  const statedStep = asInteger(field(record, 'step'));
  const step = statedStep ?? stepOfName(context.file);
  const groundTruth = groundTruthOf(record);
  const uid = asText(field(record, 'uid'));
  const requestId = asText(field(record, 'request_id'));
  const id = uid ?? requestId;
  const dataSource = asText(field(record, 'data_source'));
  const stored = storedParts(record);
  const totalField = asFiniteNumber(field(record, 'score')) === undefined ? 'reward' : 'score';
  const total = asFiniteNumber(field(record, totalField));
  const reward = recoverReward(total, {
    response: output,
    stored: [...stored.values()],
    ...(dataSource !== undefined && { dataSource }),
  });
  const verdict = verdictOfReward(reward);

  const figures = {
    origin: originOf(context),
    ...(id !== undefined && { id }),
    prompt: context.figuresOnly ? undividedPrompt(input) : promptOfText(input),
    turns,
    outcome: outcomeOfResponse(output, turns, 'trainingV2'),
    ...(groundTruth !== undefined && { groundTruth }),
    ...(verdict && { verdict }),
    ...((total !== undefined || stored.size > 0) && { reward }),
    ...(step !== undefined && { step }),
    frame: 'original',
    zoomVariant: zoomVariantOf(input, output),
    extras: new Map(),
  } as const;
  if (context.figuresOnly && !context.forCurves) return figures;
  const group =
    uid === undefined ? derivedGroup(context.codecs, step, input, field(record, 'gts')) : groupOfUid(uid);
  if (context.figuresOnly) return { ...figures, group };
  const used = new Set(['input', 'output', ...stored.keys()]);
  if (statedStep !== undefined) used.add('step');
  if (groundTruth !== undefined) used.add('gts');
  if (total !== undefined) used.add(totalField);
  if (id !== undefined) used.add(uid === undefined ? 'request_id' : 'uid');
  return { ...figures, group, extras: extrasOf(record, used) };
}

function looksLikeDump(value: unknown): boolean {
  const record = asRecord(value);
  if (!record) return false;
  const hasTexts = typeof field(record, 'input') === 'string' && typeof field(record, 'output') === 'string';
  return hasTexts && ['score', 'gts', 'reward', 'uid'].some((name) => Object.hasOwn(record, name));
}

/** verl's rollout and validation dumps. */
export const verlRolloutsReader: TrajectoryReader = {
  format: 'verl-rollouts',
  label: 'verl rollout dump',
  layout: 'lines',
  sniff(input: SniffInput): number {
    if (!input.values.some(looksLikeDump)) return 0;
    return /^\d+\.jsonl$/.test(input.name) ? 1 : 0.9;
  },
  read(values: readonly unknown[], context: RecordContext): RecordResult {
    const line = lineRecord(values, { input: 'a text', output: 'a text' });
    if ('reason' in line) return badRecord(context, line.reason);
    return { status: 'ok', trajectory: buildTrajectory(line.record, context), images: new Map() };
  },
};
