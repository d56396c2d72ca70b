import type { BoundingBox } from '../../common/boundingBox';
import { ROTATE_TOOL } from '../../trajectory/toolCall';
import type { Trajectory } from '../../trajectory/trajectory';
import type { ModelPart, TextRange, Turn } from '../../trajectory/turn';

/** A sentence of what the policy wrote outside of calls, where it stands and when. */
export interface Sentence {
  readonly kind: 'sentence';
  readonly turn: number;
  readonly part: number;
  /** In the turn's raw text. */
  readonly range: TextRange;
  readonly text: string;
  /** Whether it stands in `<answer>`. */
  readonly isAnswer: boolean;
}

/** A box that was asked for, and that a crop came back for. */
export interface Zoom {
  readonly kind: 'zoom';
  readonly turn: number;
  readonly part: number;
  readonly box: BoundingBox;
  readonly label?: string;
}

/** What a rollout says and looks at, in order. */
export type Moment = Sentence | Zoom;

/** Texts are looked at up to so many characters per part: a loop of 20,000 tokens says nothing new. */
const MAX_PART = 20_000;

/** Sentences and zooms in order. Recovered turns, calls that were ignored and crops that never came are left out. */
export function narrative(trajectory: Trajectory): Moment[] {
  return trajectory.turns.flatMap((turn, index) =>
    turn.recovered === true ? [] : turn.parts.flatMap((part, place) => momentsOf(turn, index, part, place)),
  );
}

function momentsOf(turn: Turn, index: number, part: ModelPart, place: number): Moment[] {
  if (part.kind !== 'toolCall') return sentencesOf(turn, index, part, place);
  const { call, acted } = part;
  const hasCrop = (turn.observation?.images.length ?? 0) > 0;
  if (!acted || !hasCrop || call.status !== 'parsed' || !call.box || call.name === ROTATE_TOOL) return [];
  const label = call.label?.trim() ?? '';
  return [{ kind: 'zoom', turn: index, part: place, box: call.box, ...(label !== '' && { label }) }];
}

function sentencesOf(turn: Turn, index: number, part: ModelPart, place: number): Sentence[] {
  const start = Math.max(part.range.start, turn.raw.indexOf(part.text, part.range.start));
  const sentences: Sentence[] = [];
  // A sentence ends with a stop before white space, or with the line.
  for (const match of part.text
    .slice(0, MAX_PART)
    .matchAll(/[^\s.!?][^.!?\n]*(?:[.!?](?!\s|$)[^.!?\n]*)*[.!?]?/g)) {
    const text = match[0].trimEnd();
    const from = start + match.index;
    sentences.push({
      kind: 'sentence',
      turn: index,
      part: place,
      range: { start: from, end: from + text.length },
      text,
      isAnswer: part.kind === 'answer',
    });
  }
  return sentences;
}
