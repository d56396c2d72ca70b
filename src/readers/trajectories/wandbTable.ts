import type { ImageReference } from '../../trajectory/imageReference';
import { recoverReward } from '../../analysis/recoverReward';
import type { Reward } from '../../trajectory/reward';
import { extrasOf } from '../extras';
import type { JsonRecord } from '../fields';
import { asFiniteNumber, asInteger, asPlainText, asRecord, asText, field, kindOf } from '../fields';
import type { InnerRecord, RecordContext, RecordResult, SniffInput, TrajectoryReader } from '../reader';
import { badRecord, originOf } from '../recordResult';
import { verdictOf } from './chatRecord';
import { conversationOf } from './completionRow';
import { derivedGroup } from './derivedGroup';
import { sizeOf } from './jsonFields';
import { outcomeOfResponse } from './responseOutcome';
import { verdictOfReward } from './verdictOfReward';
import { columnsOf, rolloutColumns } from './wandbColumns';

/*
 * Tables of rollouts that were logged to W&B: `files/media/table/<key>_<step>_<hash>.table.json`, `{"columns": [...],
 * "data": [[...]]}`. A picture's cell is a media object in the copy that an artifact holds; in the run's own copy it is
 * the word "Image", and nothing there says which picture that was. Source: `Table` and `Image` in W&B's `sdk/data_types`.
 */

const FILE_STEP = /_(\d{1,12})_[0-9a-f]{8,64}\.table\.json$/;
/** How a table begins that is too long to be seen whole. */
const TABLE_HEAD = /^\ufeff?\s*\{\s*"columns"\s*:\s*(\[[^\]]{0,100000}\])\s*,\s*"data"\s*:\s*\[/;
const PICTURE_WORD = 'Image';
const STEPS = ['step', 'global_step', '_step'];
const TRUTHS = ['ground_truth', 'solution', 'gts', 'answer', 'target'];
const VERDICTS = ['correct', 'is_correct', 'acc', 'accuracy'];

/** W&B's tables of rollouts. */
export const wandbTableReader: TrajectoryReader = {
  format: 'wandb-table',
  label: 'W&B table of rollouts',
  layout: 'list',
  listName: 'data',
  recordsOfEntry: (head) => rolloutColumns(columnsOf(head) ?? []).length,
  sniff({ lines, values }: SniffInput): number {
    const whole = asRecord(values.find((value) => value !== undefined));
    const columns = whole ? columnsOf(whole) : columnsOfHead(lines[0] ?? '');
    if (!columns || (whole && !Array.isArray(field(whole, 'data')))) return 0;
    return rolloutColumns(columns).length > 0 ? 0.95 : 0;
  },
  read,
};

function columnsOfHead(line: string): readonly string[] | undefined {
  const written = TABLE_HEAD.exec(line)?.[1];
  if (written === undefined) return undefined;
  try {
    return columnsOf({ columns: JSON.parse(written) as unknown });
  } catch {
    return undefined;
  }
}

function read(values: readonly unknown[], context: RecordContext): RecordResult {
  const inner = values[0] as InnerRecord | undefined;
  const cells = inner?.entry;
  if (!inner || !Array.isArray(cells))
    return badRecord(context, `A row of a table is a list, but this is ${kindOf(cells)}.`);
  const columns = columnsOf(inner.head) ?? [];
  const places = rolloutColumns(columns);
  const place = places[inner.part];
  if (!place) return badRecord(context, 'The columns of this table are no longer those of rollouts.');
  const taken = new Set(places.flatMap(({ prompt, response, reward }) => [prompt, response, reward ?? -1]));
  const beside = Object.fromEntries(
    columns.flatMap((name, at) => (taken.has(at) ? [] : [[name, cells[at] as unknown]])),
  );
  const row = { prompt: cells[place.prompt] as unknown, completion: cells[place.response] as unknown };
  const total = place.reward === undefined ? undefined : asFiniteNumber(cells[place.reward]);
  return readRollout(row, beside, total, context);
}

function readRollout(
  row: JsonRecord,
  beside: JsonRecord,
  total: number | undefined,
  context: RecordContext,
): RecordResult {
  const conversation = conversationOf(row, context);
  if (typeof conversation === 'string') return badRecord(context, conversation);
  const { prompt, turns, response, images } = conversation;
  const used = new Set<string>();
  const first = <T>(names: readonly string[], read: (value: unknown) => T | undefined): T | undefined => {
    const name = names.find((one) => read(field(beside, one)) !== undefined);
    if (name !== undefined) used.add(name);
    return name === undefined ? undefined : read(field(beside, name));
  };
  const step = first(STEPS, asInteger) ?? stepOfName(context.file);
  const groundTruth = first(TRUTHS, asPlainText);
  const pictures = Object.entries(beside).flatMap(([name, cell]) => {
    const found = picturesOf(cell);
    // Boxes drawn on a picture stand in its cell: that stays to be seen.
    if (found.length > 0 && typeof cell === 'string') used.add(name);
    return found;
  });
  const reward: Reward | undefined = total === undefined ? undefined : recoverReward(total, { response });
  const verdict = first(VERDICTS, verdictOf) ?? (reward && verdictOfReward(reward));
  const key = typeof row['prompt'] === 'string' ? row['prompt'] : JSON.stringify(row['prompt']);
  return {
    status: 'ok',
    images,
    trajectory: {
      origin: originOf(context),
      prompt: pictures.length > 0 ? { ...prompt, images: pictures } : prompt,
      turns,
      outcome: outcomeOfResponse(turns.at(-1)?.raw ?? response, turns, 'trainingV2'),
      ...(groundTruth !== undefined && { groundTruth }),
      ...(verdict && { verdict }),
      ...(reward && { reward }),
      ...(step !== undefined && { step }),
      group: derivedGroup(context.codecs, step, key, groundTruth),
      frame: 'original',
      zoomVariant: 'trainingV2',
      extras: extrasOf(beside, used),
    },
  };
}

/** The pictures of a cell: a media object, a list of them, or the word that stands for one. */
function picturesOf(cell: unknown): readonly ImageReference[] {
  if (cell === PICTURE_WORD) return [{ kind: 'blank' }];
  if (Array.isArray(cell)) return cell.flatMap((entry: unknown) => picturesOf(entry));
  const media = asRecord(cell);
  const path = media && asText(field(media, 'path'));
  if (!media || field(media, '_type') !== 'image-file' || path === undefined) return [];
  const size = sizeOf(media);
  return [{ kind: 'file', path, ...(size && { size }) }];
}

function stepOfName(file: string): number | undefined {
  const digits = FILE_STEP.exec(file)?.[1];
  return digits === undefined ? undefined : Number(digits);
}
