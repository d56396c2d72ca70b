import type { PartView, TrajectoryView, TurnView } from '../../protocol/trajectoryView';

/** What a rollout that goes on is at. */
export type LivePhase =
  /** The prompt is in, and nothing was said yet. */
  | 'starting'
  | 'thinking'
  | 'calling'
  | 'answering'
  | 'writing'
  /** A call is made, and its answer is awaited. */
  | 'acting'
  /** The environment answered, and the model has not gone on yet. */
  | 'looking'
  /** The answer stands, and the end of the rollout does not. */
  | 'ending';

/** The beginning of a tag at the very end of a text: the rest of it is on its way. */
const HALF_TAG = /<(?:\/|\|)?[a-z_]{0,20}(?:\|)?$/;

/** The part that is being written, which is the last one of a turn that nothing has answered yet. */
export function partBeingWritten({ outcome, turns }: TrajectoryView): PartView | undefined {
  if (outcome.status !== 'running') return undefined;
  const part = turns.at(-1)?.parts.at(-1);
  if (!part || part.kind === 'observation') return undefined;
  return part.kind === 'text' || !part.closed ? part : undefined;
}

/** A rollout as it is read while it is written: without the half of a tag that stands at its end. */
export function withoutHalfTag(trajectory: TrajectoryView): TrajectoryView {
  const part = partBeingWritten(trajectory);
  const turn = trajectory.turns.at(-1);
  if (!part || !turn || !HALF_TAG.test(part.text)) return trajectory;
  const text = part.text.replace(HALF_TAG, '');
  const kept: PartView[] = text === '' && part.kind === 'text' ? [] : [{ ...part, text }];
  const last: TurnView = { ...turn, parts: [...turn.parts.slice(0, -1), ...kept] };
  return { ...trajectory, turns: [...trajectory.turns.slice(0, -1), last] };
}

const WRITING: Readonly<Record<PartView['kind'], LivePhase>> = {
  text: 'writing',
  thought: 'thinking',
  toolCall: 'calling',
  answer: 'answering',
  observation: 'looking',
};

/** What a rollout that goes on is at; undefined for one that has ended. */
export function livePhase(trajectory: TrajectoryView): LivePhase | undefined {
  if (trajectory.outcome.status !== 'running') return undefined;
  const parts = trajectory.turns.at(-1)?.parts ?? [];
  const last = parts.at(-1);
  if (!last) return trajectory.turns.length <= 1 ? 'starting' : 'looking';
  const written = partBeingWritten(trajectory);
  if (written)
    return written.kind === 'text' && written.text.trim() === '' ? 'writing' : WRITING[written.kind];
  if (last.kind === 'observation') return last.pending ? 'acting' : 'looking';
  if (last.kind === 'toolCall') return last.call.acted ? 'acting' : 'writing';
  return last.kind === 'answer' ? 'ending' : 'writing';
}

const WORDS: Readonly<Record<LivePhase, string>> = {
  starting: 'Waiting for the model',
  thinking: 'Generating · thought',
  calling: 'Generating · tool call',
  answering: 'Generating · answer',
  writing: 'Generating',
  acting: 'Running the tool',
  looking: 'Waiting for the model to look',
  ending: 'Answered · about to end',
};

/** A phase for people. */
export function phaseWords(phase: LivePhase): string {
  return WORDS[phase];
}

/** Nothing for so long is worth a word, in milliseconds; tokens come faster, but reading a large picture takes its time. */
const QUIET = 5000;
/** After so long nobody can tell a slow model from a rollout that was left without an end. */
const SILENT = 10 * 60_000;

/** How a rollout that goes on stands at this moment. */
export interface LiveState {
  readonly phase: LivePhase;
  /** False when nothing was written for so long that it may have been left without an end. */
  readonly alive: boolean;
  /** In words: `Generating · thought`. */
  readonly words: string;
  /** How long nothing has been written, in words, where that is worth saying. */
  readonly quiet?: string;
  /** Tokens that the policy wrote, where the log tells. */
  readonly tokens?: number;
  readonly perSecond?: number;
}

/**
 * The state of a rollout that goes on.
 * @param quiet milliseconds since something was last written; undefined when nobody knows
 */
export function liveState(
  phase: LivePhase,
  quiet: number | undefined,
  tokens: number | undefined,
  perSecond: number | undefined,
): LiveState {
  const alive = quiet === undefined || quiet < SILENT;
  const said =
    quiet !== undefined && quiet >= QUIET ? `nothing written for ${durationWords(quiet)}` : undefined;
  return {
    phase,
    alive,
    words: alive ? phaseWords(phase) : 'No end was written: interrupted, or very slow',
    ...(said !== undefined && { quiet: said }),
    ...(tokens !== undefined && { tokens }),
    ...(perSecond !== undefined && { perSecond }),
  };
}

/** A duration in its largest whole unit: `42 s`, `3 min`, `5 h`, `2 days`. */
export function durationWords(milliseconds: number): string {
  const seconds = Math.floor(milliseconds / 1000);
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 48 * 3600) return `${Math.floor(seconds / 3600)} h`;
  return `${Math.floor(seconds / 86_400)} days`;
}
