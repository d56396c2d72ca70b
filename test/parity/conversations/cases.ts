import type { ModelImage } from '../../../src/inference/backend';
import { differing } from '../compare';
import type { GoldenFolder, StoredArray } from '../goldenFolder';
import type { Pictures } from '../pictures';
import { EXACT, type Report } from '../report';
import type { Entry } from '../trackedJson';

export const GENERATE = 'generate/generate.json';
const CONVERSATION = 'generate/conversation.json';
const IMAGES = 'images/images.json';
const PENALTY = /^greedy_repetition_penalty_(\d+(?:\.\d+)?)$/;
/** Cases that name no checkpoint were made with this one. */
export const MAIN_CHECKPOINT = 'checkpoint';

/** Continuation by the most likely token. */
export interface GreedySteps {
  readonly ids: readonly number[];
  readonly seconds: readonly number[];
  /** Logit of the first less that of the second. */
  readonly margins: readonly number[];
  readonly logProbabilities: readonly number[];
}

/** One conversation of generate.json. */
export interface ConversationCase {
  readonly name: string;
  readonly checkpoint: string;
  readonly ids: readonly number[];
  /** (t, h, w) in patches, one per picture. */
  readonly grids: readonly (readonly number[])[];
  readonly images: readonly ModelImage[];
  /** One list per axis. */
  readonly positions?: readonly (readonly number[])[];
  readonly ropeDelta?: number;
  readonly logitPositions: readonly number[];
  readonly logits: StoredArray;
  readonly forced?: StoredArray;
  readonly hidden?: StoredArray;
  readonly greedy?: GreedySteps;
  readonly penalised: readonly { readonly penalty: number; readonly ids: readonly number[] }[];
  readonly appendedAt?: number;
  /** The text that the ids were made of. */
  readonly rendered?: string;
}

/** Reads every case, and with it every field: one that is not known here is left unread and so is named. */
export async function readCases(
  golden: GoldenFolder,
  pictures: Pictures,
  report: Report,
): Promise<readonly ConversationCase[]> {
  const all = golden.json(GENERATE).entry('cases');
  const result: ConversationCase[] = [];
  for (const name of all.keys) {
    try {
      result.push(await readCase(golden, pictures, all.entry(name), name));
    } catch (thrown) {
      report.faults.push(`${GENERATE} "${name}" can't be read: ${String(thrown)}`);
    }
  }
  return result;
}

async function readCase(
  golden: GoldenFolder,
  pictures: Pictures,
  entry: Entry,
  name: string,
): Promise<ConversationCase> {
  const grids = entry.rows('image_grid_thw');
  const array = (key: string): StoredArray => golden.array(entry, key, GENERATE);
  const penalised = entry.keys.flatMap((key) => {
    const penalty = PENALTY.exec(key)?.[1];
    return penalty === undefined ? [] : [{ penalty: Number(penalty), ids: entry.numbers(key) }];
  });
  return {
    name,
    checkpoint: entry.has('checkpoint') ? entry.text('checkpoint') : MAIN_CHECKPOINT,
    ids: entry.numbers('input_ids'),
    grids,
    images: await imagesOf(golden, pictures, entry, grids.length),
    ...(entry.has('position_ids') && { positions: entry.rows('position_ids') }),
    ...(entry.has('rope_delta') && { ropeDelta: entry.number('rope_delta') }),
    logitPositions: entry.numbers('logit_positions'),
    logits: array('logits'),
    ...(entry.has('forced_logprobs') && { forced: array('forced_logprobs') }),
    ...(entry.has('hidden_states') && { hidden: array('hidden_states') }),
    ...(entry.has('greedy') && { greedy: greedyOf(entry.entry('greedy')) }),
    penalised,
    ...(entry.has('appended_at') && { appendedAt: entry.number('appended_at') }),
    ...(entry.has('rendered') && {
      rendered: golden.json(CONVERSATION).entry('rendered').text(entry.text('rendered')),
    }),
  };
}

function greedyOf(entry: Entry): GreedySteps {
  const steps = {
    ids: entry.numbers('ids'),
    seconds: entry.numbers('second_ids'),
    margins: entry.numbers('margins'),
    logProbabilities: entry.numbers('logprobs'),
  };
  if (Object.values(steps).some((list) => list.length !== steps.ids.length)) {
    throw new Error(`${entry.place}: its lists differ in length`);
  }
  return steps;
}

/** The conversation's picture and its crop, or the picture whose pixel values the case names. */
async function imagesOf(
  golden: GoldenFolder,
  pictures: Pictures,
  entry: Entry,
  count: number,
): Promise<readonly ModelImage[]> {
  const conversation = golden.json(CONVERSATION);
  const whole = entry.has('pixel_values')
    ? fileBehind(golden, entry.text('pixel_values'))
    : conversation.text('image');
  if (count > 2) throw new Error(`${entry.place} has ${count} pictures; a picture and one crop are known`);
  const images = [await pictures.forModel(whole)];
  if (count === 2) images.push(await pictures.forModel(whole, conversation.numbers('crop_box')));
  return images.slice(0, count);
}

function fileBehind(golden: GoldenFolder, pixelValues: string): string {
  for (const image of golden.json(IMAGES).entries('images')) {
    for (const processed of image.entries('processed')) {
      const file = processed.entry('pixel_values').text('file');
      if (golden.beside(IMAGES, file) === pixelValues) return image.text('file');
    }
  }
  throw new Error(`no picture of ${IMAGES} has the pixel values ${pixelValues}`);
}

/** The crop's size in conversation.json. */
export async function checkCropSize(golden: GoldenFolder, pictures: Pictures, report: Report): Promise<void> {
  const file = golden.json(CONVERSATION);
  const kind = report.kind('conversations, size of the crop', EXACT);
  kind.expect(1);
  await kind.check(CONVERSATION, async () => {
    const { width, height } = await pictures.cropped(file.text('image'), file.numbers('crop_box'));
    return differing([width, height], file.numbers('crop_size_wh'));
  });
}
