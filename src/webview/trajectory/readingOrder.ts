import type { PartView, TrajectoryView } from '../../protocol/trajectoryView';
import { partBeingWritten } from './liveRollout';

/** A part that is nothing but words of the policy. */
export type WordsPart = Exclude<PartView, { readonly kind: 'toolCall' | 'observation' }>;

/** One stop of the replay cursor after the question. */
export interface Step {
  /** Position of the cursor: 1 for the first part; 0 is the question and has no step. */
  readonly part: number;
  /** Index into `turns`. */
  readonly turn: number;
  readonly view: PartView;
  /** Number of the tool call that this is, or that an observation answers; undefined for other parts. */
  readonly call: number | undefined;
  /** The policy is at it: its text goes on. */
  readonly writing?: true;
}

/**
 * The parts that the cursor stops at, in reading order. Text of white space alone (what models leave between two
 * tags) is no stop; the raw view shows it. An observation belongs to the call that the environment acted on, else to
 * the last one before it in its turn.
 */
export function readingOrder(trajectory: TrajectoryView): Step[] {
  const steps: Step[] = [];
  const written = partBeingWritten(trajectory);
  trajectory.turns.forEach((turn, turnIndex) => {
    let acted: number | undefined;
    let last: number | undefined;
    for (const view of turn.parts) {
      if (view.kind === 'text' && view.text.trim() === '') continue;
      let call: number | undefined;
      if (view.kind === 'toolCall') {
        call = view.call.number;
        last = call;
        if (view.call.acted) acted = call;
      } else if (view.kind === 'observation') call = acted ?? last;
      const writing = view === written ? { writing: true as const } : {};
      steps.push({ part: steps.length + 1, turn: turnIndex, view, call, ...writing });
    }
  });
  return steps;
}

/** Tones of the turns, in order, again from the start after the last. Names of classes in theme.css. */
const TURN_TONES = ['orange', 'blue', 'purple', 'green', 'yellow', 'red'] as const;

/** Tone of a turn, by its index. */
export function turnTone(turn: number): string {
  return TURN_TONES[turn % TURN_TONES.length] ?? 'orange';
}
