import type { BoundingBox, CoordinateFrame } from '../../common/boundingBox';
import { boxFromArray } from '../../common/boundingBox';
import type { TurnSemantics } from '../../trajectory/environment';
import type { GroupKey } from '../../trajectory/group';
import { questionOf } from '../../trajectory/promptText';
import type { Reward } from '../../trajectory/reward';
import type {
  Outcome,
  OutcomeStatus,
  Prompt,
  Trajectory,
  Verdict,
  ZoomVariant,
} from '../../trajectory/trajectory';
import { withBoundedDepth } from '../extras';
import type { JsonRecord } from '../fields';
import { asRecord } from '../fields';
import type { RecordContext, RecordResult, SniffInput, TrajectoryReader } from '../reader';
import { badRecord, originOf } from '../recordResult';
import { headerProblem } from './imcotEvents';
import { ImageRecords, mapOfPairs, provenanceOf, rewardOf } from './imcotFields';
import { TurnAssembler } from './imcotTurns';
import { isJsonRecord, numberField, oneOf, textField } from './jsonFields';

const FRAMES: readonly CoordinateFrame[] = ['original', 'resized', 'relative1000', 'relative1'];
const VARIANTS: readonly ZoomVariant[] = [
  'trainingV2',
  'trainingV5',
  'evaluation',
  'verl',
  'msSwift',
  'qwen3Vl',
  'miniO3',
  'chainOfFocus',
];
const SEMANTICS: readonly TurnSemantics[] = ['trainingV2', 'trainingV5', 'evaluation'];
const ENDINGS: readonly OutcomeStatus[] = ['finished', 'error', 'cancelled', 'length', 'turnLimit'];

/** Fields of the start event that the model has no place for and that are shown with the extras. */
const SHOWN_START_FIELDS = ['model', 'settings'];
/** Boxes of the ground truth; shown with the extras where they are not what the format says. */
const BOXES = 'boxes';

/** Key among the extras: how many of the trajectory's lines were damaged. */
export const DAMAGED_EVENTS = 'damagedEvents';

/** The reader of the project's own event log, `*.imcot.jsonl`. See docs/trajectory-format.md. */
export const imcotReader: TrajectoryReader = {
  format: 'imcot',
  label: 'iMCoT event log',
  layout: 'events',
  sniff,
  read,
};

function sniff(input: SniffInput): number {
  const first = input.lines.findIndex((line) => line.trim() !== '');
  const header = asRecord(input.values[first]);
  // A header of any version: a newer one is refused with a reason, not taken for another format.
  if (header && typeof header['imcot'] === 'number') return 1;
  const events = input.values.filter((value) => isEvent(value));
  if (events.length === 0) return 0;
  return events.length * 2 >= input.values.length ? 0.6 : 0.2;
}

function isEvent(value: unknown): value is JsonRecord {
  return isJsonRecord(value) && typeof value['t'] === 'number' && typeof value['event'] === 'string';
}

/**
 * Puts one trajectory together. Damaged lines (values that are no events) are passed over and counted in the extras; a
 * header among the values is checked, so a caller may pass it along or leave it out.
 */
function read(values: readonly unknown[], context: RecordContext): RecordResult {
  const fold = new TrajectoryFold(context);
  for (const value of values) {
    const record = asRecord(value);
    if (record && Object.hasOwn(record, 'imcot')) {
      const problem = headerProblem(record);
      if (problem !== undefined) return badRecord(context, problem);
    } else if (isEvent(value)) fold.add(value);
    else fold.damaged++;
  }
  return fold.result();
}

class TrajectoryFold {
  damaged = 0;
  private start: { readonly event: JsonRecord; readonly prompt: Prompt } | undefined;
  private readonly images: ImageRecords;
  private readonly turns: TurnAssembler;
  private outcome: Outcome = { status: 'running' };
  private prediction: string | undefined;
  private verdict: Verdict | undefined;
  private reward: Reward | undefined;
  private settled: JsonRecord = {};

  constructor(private readonly context: RecordContext) {
    this.images = new ImageRecords(context.codecs);
    this.turns = new TurnAssembler(this.images);
  }

  add(event: JsonRecord): void {
    switch (event['event']) {
      case 'start':
        return this.begin(event);
      case 'settings':
        return this.settle(event);
      case 'text':
      case 'toolCall':
      case 'observation':
      case 'parts':
      case 'tokens':
        if (!this.turns.add(event)) this.damaged++;
        return;
      case 'verdict':
        return this.judge(event);
      case 'reward':
        this.reward = rewardOf(event);
        return;
      case 'outcome':
        return this.end(oneOf(ENDINGS, event['status']), event['reason'], event);
      case 'error':
        return this.end('error', event['message'], event);
      case 'cancelled':
        return this.end('cancelled', event['reason'], event);
      default:
      // A later version's event: passed over.
    }
  }

  result(): RecordResult {
    const { start, context, verdict, reward } = this;
    if (start === undefined) {
      return badRecord(
        context,
        'This trajectory has no start event that can be read, so its prompt is not known.',
      );
    }
    const { event, prompt } = start;
    const semantics = oneOf(SEMANTICS, event['semantics']) ?? 'trainingV2';
    const group = groupOf(event['group']);
    const boxes = boxesOf(event[BOXES]);
    const trajectory: Trajectory = {
      origin: originOf(context),
      ...textField('id', event['id']),
      prompt,
      ...this.turns.finish(semantics),
      outcome: this.outcome,
      ...textField('prediction', this.prediction),
      ...textField('groundTruth', event['groundTruth']),
      ...(boxes && { groundTruthBoxes: boxes }),
      ...(verdict && { verdict }),
      ...(reward && { reward }),
      ...(group && { group }),
      ...numberField('step', event['step']),
      ...textField('split', event['split']),
      frame: oneOf(FRAMES, event['frame']) ?? 'original',
      zoomVariant: oneOf(VARIANTS, event['zoomVariant']) ?? 'trainingV2',
      extras: this.extras(event),
    };
    return { status: 'ok', trajectory, images: this.images.inline };
  }

  private begin(event: JsonRecord): void {
    const prompt = asRecord(event['prompt']);
    const user = prompt?.['user'];
    // The first start counts: a second one can only be another writer's mistake.
    if (this.start !== undefined || prompt === undefined || typeof user !== 'string') {
      this.damaged++;
      return;
    }
    const question = prompt['question'];
    this.start = {
      event,
      prompt: {
        ...textField('system', prompt['system']),
        user,
        question: typeof question === 'string' ? question : questionOf(user),
        images: this.images.references(prompt['images']),
        ...textField('raw', prompt['raw']),
      },
    };
  }

  private settle(event: JsonRecord): void {
    const settings = asRecord(event['settings']);
    if (settings) this.settled = { ...this.settled, ...settings };
    else this.damaged++;
  }

  private judge(event: JsonRecord): void {
    const { correct } = event;
    if (typeof correct !== 'boolean') this.damaged++;
    else {
      this.verdict = {
        correct,
        provenance: provenanceOf(event['provenance']),
        ...textField('by', event['by']),
        ...textField('reason', event['reason']),
      };
    }
  }

  private end(status: OutcomeStatus | undefined, reason: unknown, event: JsonRecord): void {
    const { prediction } = event;
    if (typeof prediction === 'string') this.prediction = prediction;
    if (status === undefined) this.damaged++;
    else this.outcome = { status, ...textField('reason', reason) };
  }

  private extras(event: JsonRecord): ReadonlyMap<string, unknown> {
    const extras = new Map<string, unknown>();
    for (const name of SHOWN_START_FIELDS) {
      if (Object.hasOwn(event, name)) extras.set(name, withBoundedDepth(event[name]));
    }
    if (Object.hasOwn(event, BOXES) && !boxesOf(event[BOXES])) {
      extras.set(BOXES, withBoundedDepth(event[BOXES]));
    }
    if (Object.keys(this.settled).length > 0) {
      const settings = { ...asRecord(event['settings']), ...this.settled };
      extras.set('settings', withBoundedDepth(settings));
    }
    for (const [key, value] of mapOfPairs(event['extras'])) extras.set(key, value);
    if (this.damaged > 0) extras.set(DAMAGED_EVENTS, this.damaged);
    return extras;
  }
}

function groupOf(value: unknown): GroupKey | undefined {
  const group = asRecord(value);
  const provenance = oneOf(['uid', 'derived'] as const, group?.['provenance']);
  const key = group?.['key'];
  return typeof key === 'string' && provenance !== undefined ? { key, provenance } : undefined;
}

/** All boxes of a list, or none of them: a list of which some were left out would be another ground truth. */
function boxesOf(value: unknown): readonly BoundingBox[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const boxes = value.map(boxFromArray).filter((box) => box !== undefined);
  return boxes.length === value.length ? boxes : undefined;
}
