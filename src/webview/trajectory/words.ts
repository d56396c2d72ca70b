import type { BoundingBox, CoordinateFrame, Size } from '../../common/boundingBox';
import type { PartView, ToolCallView, TrajectoryView } from '../../protocol/trajectoryView';
import type { RejectReason } from '../../trajectory/toolReport';
import { visibleLine } from '../shared/visibleText';
import type { Step } from './readingOrder';

// Made once: making one takes far longer than using it, and a list draws hundreds of numbers.
const NUMBER = new Intl.NumberFormat('en-US', { maximumFractionDigits: 3 });
const REWARD = new Intl.NumberFormat('en-US', { minimumFractionDigits: 1, maximumFractionDigits: 3 });

/** A number for people: thousands apart, at most three decimals; NaN and infinities by their names. */
export function numberWords(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  return NUMBER.format(value);
}

/** A reward: as `numberWords`, with one decimal at least, so that 2 and 2.0 do not mix in a column. */
export function rewardWords(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  return REWARD.format(value);
}

/** `IoU 0.70`. */
export function iouWords(iou: number): string {
  return `IoU ${iou.toFixed(2)}`;
}

/** `1 token`, `41 tokens`. */
export function countWords(count: number, one: string, many = `${one}s`): string {
  return `${numberWords(count)} ${count === 1 ? one : many}`;
}

/** `68 × 84`. */
export function sizeWords(size: Size): string {
  return `${size.width} × ${size.height}`;
}

/** `1262, 1128, 1330, 1212`, in the frame's own unit. */
export function boxWords(box: BoundingBox): string {
  return [box.x1, box.y1, box.x2, box.y2].map((side) => String(Number(side.toFixed(3)))).join(', ');
}

const FRAMES: Readonly<Record<CoordinateFrame, string>> = {
  original: 'original pixels',
  resized: 'resized pixels',
  relative1000: '0–1000',
  relative1: '0–1',
};

/** Name of a coordinate frame. */
export function frameWords(frame: CoordinateFrame): string {
  return FRAMES[frame];
}

const REJECTIONS: Readonly<Record<RejectReason, string>> = {
  unparsable: 'the text is no call',
  unknownTool: 'no tool has this name',
  noBox: 'the call has no box of four numbers',
  noAngle: 'the call has no angle',
  tooLarge: 'the crop would be too large',
  inverted: 'the box is inverted',
  empty: 'the box is empty',
  tooThin: 'the box is too thin',
  tooSmall: 'the box is too small',
  outside: 'the box lies outside the image',
  noImage: 'the call names an image that is not there',
  unknownFrame: 'the box can’t be placed: the image’s size is not known',
};

/** What became of a call, where there is something to say. `problem` says that the model got no crop for it. */
export interface CallRemark {
  readonly problem: boolean;
  readonly text: string;
}

/** Remarks on a call, in order of weight. */
export function callRemarks(call: ToolCallView): CallRemark[] {
  const remarks: CallRemark[] = [];
  if (call.status === 'unparsable')
    remarks.push({ problem: true, text: `not a call: ${call.error ?? 'it could not be parsed'}` });
  const { report } = call;
  if (report?.tool === 'zoom') {
    if (report.rejected)
      remarks.push({ problem: true, text: `rejected: ${report.rejection ?? REJECTIONS[report.rejected]}` });
    if (report.cut && (report.clamped || report.grown)) {
      const how = [report.clamped ? 'clamped' : '', report.grown ? 'grown' : '']
        .filter(Boolean)
        .join(' and ');
      remarks.push({ problem: false, text: `${how} to [${boxWords(report.cut)}] px` });
    }
  }
  if (!call.acted && call.status === 'parsed')
    remarks.push({ problem: true, text: 'not acted on by the environment' });
  return remarks;
}

const KINDS: Readonly<Record<PartView['kind'], string>> = {
  text: 'text',
  thought: 'thought',
  toolCall: 'tool call',
  observation: 'observation',
  answer: 'answer',
};

/** Name of a kind of part. */
export function kindWords(kind: PartView['kind']): string {
  return KINDS[kind];
}

/** What the live region and the scrubber say of a stop of the cursor. */
export function stepWords(part: number, steps: readonly Step[]): string {
  const step = steps[part - 1];
  if (!step) return steps.length === 0 ? 'question, no parts' : `question, before part 1 of ${steps.length}`;
  const { view } = step;
  let what = kindWords(view.kind);
  if (view.kind === 'toolCall') {
    what += ` ${view.call.number}`;
    if (view.call.box) what += `, box ${boxWords(view.call.box)}`;
    if (view.call.label !== undefined) what += `, ${visibleLine(view.call.label, 80)}`;
    for (const remark of callRemarks(view.call)) what += `, ${visibleLine(remark.text, 120)}`;
  } else if (view.kind === 'observation') {
    if (step.call !== undefined) what += ` of tool call ${step.call}`;
    if (view.error !== undefined) what += `, error: ${visibleLine(view.error, 120)}`;
    const size = view.images[0]?.size;
    if (size) what += `, crop of ${sizeWords(size)} pixels`;
  } else if (view.kind === 'answer') what += `: ${visibleLine(view.text, 120)}`;
  for (const sentence of view.contradictions ?? []) what += `, contradiction: ${visibleLine(sentence, 160)}`;
  return `part ${part} of ${steps.length}: ${what}`;
}

const ENDS: Readonly<Record<TrajectoryView['outcome']['status'], string>> = {
  finished: 'Finished',
  error: 'Ended by an error',
  cancelled: 'Cancelled',
  length: 'Ran out of tokens',
  turnLimit: 'Ran out of turns',
  running: 'Still running',
};

/** In words how a rollout ended. */
export function outcomeWords(status: TrajectoryView['outcome']['status']): string {
  return ENDS[status];
}

/** What the live region says of an end. */
export function endWords({ outcome }: TrajectoryView): string {
  const words = outcomeWords(outcome.status);
  return outcome.reason === undefined ? words : `${words}: ${visibleLine(outcome.reason, 160)}`;
}
