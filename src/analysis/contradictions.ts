import type { BoundingBox, CoordinateFrame, Size } from '../common/boundingBox';
import type { RejectReason, ToolReport } from '../trajectory/toolReport';
import type { Trajectory } from '../trajectory/trajectory';
import type { ModelPart, ObservationPart, ToolCallPart, Turn } from '../trajectory/turn';

/*
 * Places where what the text claims and what the file, or the rules of the tool, say can't both be. What a rollout's
 * signals say of it as a whole, or the report of a call (refused, clamped, not acted on), is not said again.
 */

/**
 * - `afterAnswer`: a call behind a closed answer, in the same turn or a later one
 * - `beyondPicture`: a box that reaches more than a pixel (a unit of a thousand, a thousandth) beyond its picture, where
 *   the tool neither clamped nor refused it
 * - `refusedInTraining`: a call that was run and that DeepEyes' training environment refuses for its box
 * - `errorWithoutReason`: an error came back for the only call of a turn, which the tool's rules take
 * - `pictureDespiteRefusal`: a picture came back for the only call of a turn, which the tool's rules refuse
 * - `otherCount`: more or fewer pictures came back than calls were run; or some although none was
 * - `otherTokens`: the visual tokens of a crop in the file are not those that its box gives
 * - `otherSize`: a stored crop has neither the pixels of its box nor those of it resized for the model, within one
 * - `otherAnswer`: the judged answer is none of those in the text: none holds it or is held by it, as far as letters and
 *   digits go
 */
export type ContradictionRule =
  | 'afterAnswer'
  | 'beyondPicture'
  | 'refusedInTraining'
  | 'errorWithoutReason'
  | 'pictureDespiteRefusal'
  | 'otherCount'
  | 'otherTokens'
  | 'otherSize'
  | 'otherAnswer';

/** One such place. */
export interface Contradiction {
  readonly rule: ContradictionRule;
  /** Index of the turn. */
  readonly turn: number;
  /** Index among the parts of the turn, or its observation. */
  readonly part: number | 'observation';
  /** A sentence with the numbers. Words of the file in it are as they stand there. */
  readonly text: string;
}

/** A call and what its tool did with it, where somebody worked that out. */
export interface ReportedCall {
  readonly turn: number;
  readonly part: number;
  readonly acted: boolean;
  readonly report: ToolReport;
  /** What DeepEyes' training environment does with it; absent for rollouts that are from there. */
  readonly trainingReport?: ToolReport;
  /** Pixels of the picture that it worked on. */
  readonly sourceSize?: Size;
  /** Position among the pictures of the turn's observation, where it is to bring one. */
  readonly observationImage?: number;
}

/**
 * Everything in a rollout that contradicts itself, in the order of the text. Turns that were found outside of the
 * messages are left out. Without reports only what the record alone proves.
 */
export function contradictions(
  trajectory: Trajectory,
  calls: readonly ReportedCall[] = [],
): readonly Contradiction[] {
  const found: Contradiction[] = [];
  let answered: number | undefined;
  trajectory.turns.forEach((turn, index) => {
    if (turn.recovered === true) return;
    const own = calls.filter((call) => call.turn === index);
    turn.parts.forEach((part, position) => {
      const add = (rule: ContradictionRule, text: string | undefined): void => {
        if (text !== undefined) found.push({ rule, turn: index, part: position, text });
      };
      if (part.kind === 'answer' && part.closed) answered ??= index;
      if (part.kind !== 'toolCall') return;
      add('afterAnswer', afterAnswer(answered, index));
      const call = own.find((entry) => entry.part === position);
      add('beyondPicture', beyondPicture(part, call, trajectory.frame));
      add('refusedInTraining', refusedInTraining(call));
    });
    const { observation } = turn;
    if (!observation) return;
    for (const [rule, text] of ofObservation(turn, observation, own))
      found.push({ rule, turn: index, part: 'observation', text });
  });
  return [...found, ...otherAnswer(trajectory)].sort(byPlace);
}

function byPlace(a: Contradiction, b: Contradiction): number {
  const place = ({ part }: Contradiction): number => (part === 'observation' ? Infinity : part);
  return a.turn - b.turn || (place(a) === place(b) ? 0 : place(a) - place(b));
}

function afterAnswer(answered: number | undefined, turn: number): string | undefined {
  if (answered === undefined) return undefined;
  if (answered === turn) return 'It stands behind an answer, with which a rollout ends.';
  return `It comes after the answer of turn ${answered + 1}, with which a rollout ends.`;
}

const UNITS: Readonly<Record<CoordinateFrame, number | undefined>> = {
  original: undefined,
  resized: undefined,
  relative1000: 1000,
  relative1: 1,
};

function beyondPicture(
  { call }: ToolCallPart,
  known: ReportedCall | undefined,
  frame: CoordinateFrame,
): string | undefined {
  const report = known?.report.tool === 'zoom' ? known.report : undefined;
  if (report?.clamped === true || report?.rejected !== undefined) return undefined;
  if (report?.placed && known?.sourceSize)
    return reachWords(report.placed, known.sourceSize, 1, `${pixels(known.sourceSize)} px`, ' px');
  const most = UNITS[frame];
  if (call.status !== 'parsed' || !call.box || most === undefined) return undefined;
  return reachWords(call.box, { width: most, height: most }, most / 1000, `0 to ${most}`, '');
}

/** How far a box reaches out of a picture, by the edge where that is farthest. */
function reachWords(
  box: BoundingBox,
  { width, height }: Size,
  slack: number,
  whole: string,
  unit: string,
): string | undefined {
  const edges: readonly (readonly [name: string, reach: number])[] = [
    ['left', -Math.min(box.x1, box.x2)],
    ['upper', -Math.min(box.y1, box.y2)],
    ['right', Math.max(box.x1, box.x2) - width],
    ['lower', Math.max(box.y1, box.y2) - height],
  ];
  const [name, reach] = edges.reduce((most, edge) => (edge[1] > most[1] ? edge : most));
  if (!(reach > slack)) return undefined;
  return `The box reaches ${Number(reach.toFixed(3))}${unit} beyond the ${name} edge of the picture (${whole}).`;
}

const BOX_REASONS: ReadonlySet<RejectReason> = new Set([
  'inverted',
  'empty',
  'tooThin',
  'tooSmall',
  'tooLarge',
  'outside',
]);

function refusedInTraining(call: ReportedCall | undefined): string | undefined {
  const { rejected, rejection } = call?.trainingReport ?? {};
  if (!call?.acted || call.report.rejected !== undefined) return undefined;
  if (rejected === undefined || !BOX_REASONS.has(rejected)) return undefined;
  const why = (rejection ?? rejected).replace(/\.$/, '');
  return `DeepEyes' training environment would have refused this box: ${why}.`;
}

type Told = readonly [rule: ContradictionRule, text: string];

function ofObservation(turn: Turn, observation: ObservationPart, calls: readonly ReportedCall[]): Told[] {
  const run = calls.filter(({ acted }) => acted);
  const [only] = run;
  if (only && run.length === 1) {
    const refusal = ofOnlyCall(only, observation);
    if (refusal) return [refusal];
  }
  const count = otherCount(turn, observation, calls);
  if (count !== undefined) return [['otherCount', count]];
  return run.flatMap((call) => ofCrop(call, observation));
}

function ofOnlyCall({ report }: ReportedCall, { error, images }: ObservationPart): Told | undefined {
  const { rejected } = report;
  if (error !== undefined && rejected === undefined)
    return [
      'errorWithoutReason',
      'An error came back, and by the rules of the tool nothing is wrong with the call.',
    ];
  // Where a box can't be placed nobody knows whether it would have been refused.
  if (images.length === 0 || rejected === undefined || rejected === 'unknownFrame') return undefined;
  const why = (report.rejection ?? rejected).replace(/\.$/, '');
  return [
    'pictureDespiteRefusal',
    `A picture came back, and by the rules of the tool the call is refused: ${why}.`,
  ];
}

function otherCount(
  turn: Turn,
  { images, error }: ObservationPart,
  calls: readonly ReportedCall[],
): string | undefined {
  const ran = turn.parts.some((part) => part.kind === 'toolCall' && part.acted);
  if (!ran && images.length > 0) return 'A picture came back, and no call of this turn was run.';
  const expected = calls.filter(({ observationImage }) => observationImage !== undefined).length;
  if (error !== undefined || expected === 0 || expected === images.length) return undefined;
  const [calledFor, came] = [expected, images.length].map((n) => `${n} ${n === 1 ? 'picture' : 'pictures'}`);
  return `The calls of this turn bring ${calledFor}, and the file has ${came}.`;
}

function ofCrop({ report, observationImage }: ReportedCall, { images }: ObservationPart): Told[] {
  const image = observationImage === undefined ? undefined : images[observationImage];
  if (!image || report.rejected !== undefined) return [];
  const { visualTokens: expected, resizedSize } = report;
  const { visualTokens: recorded, size } = image;
  const gives = report.tool === 'zoom' ? 'the box gives' : 'the picture gives';
  if (recorded !== undefined && expected !== undefined && recorded !== expected) {
    const seen = resizedSize ? ` (${pixels(resizedSize)} px)` : '';
    return [['otherTokens', `The file has ${recorded} visual tokens here; ${gives} ${expected}${seen}.`]];
  }
  const own = report.tool === 'zoom' ? report.cropSize : report.size;
  if (!size || image.kind === 'blank' || !own) return [];
  if (isNear(size, own) || (resizedSize && isNear(size, resizedSize))) return [];
  return [['otherSize', `The file's picture has ${pixels(size)} px; ${gives} ${pixels(own)} px.`]];
}

function isNear(a: Size, b: Size): boolean {
  return Math.abs(a.width - b.width) <= 1 && Math.abs(a.height - b.height) <= 1;
}

/** Longest piece of an answer in a sentence, in characters. */
const QUOTED = 80;

function otherAnswer({ prediction, turns }: Trajectory): Contradiction[] {
  const judged = bare(prediction ?? '');
  if (prediction === undefined || judged === '') return [];
  const given = turns.flatMap(({ parts, recovered }, turn) =>
    recovered === true ? [] : parts.flatMap((entry, part) => (isGiven(entry) ? [{ turn, part, entry }] : [])),
  );
  const last = given.at(-1);
  const isSame = (written: string): boolean => judged.includes(written) || written.includes(judged);
  if (!last || given.some(({ entry }) => isSame(bare(entry.text)))) return [];
  const text = `The file judged another answer: "${quoted(prediction)}".`;
  return [{ rule: 'otherAnswer', turn: last.turn, part: last.part, text }];
}

function isGiven(part: ModelPart): boolean {
  return part.kind === 'answer' && part.closed && bare(part.text) !== '';
}

/** Letters and digits in lower case: what two ways of writing one answer share. */
function bare(text: string): string {
  return text.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, '');
}

function quoted(text: string): string {
  const characters = [...text.trim()];
  return characters.length > QUOTED ? `${characters.slice(0, QUOTED).join('')}…` : characters.join('');
}

function pixels({ width, height }: Size): string {
  return `${width} × ${height}`;
}
