import type { PartView, SourceView, TrajectoryView, TurnView } from '../../../src/protocol/trajectoryView';
import { plainRollout, twoCropRollout } from './demoData';
import type { HostData } from './fakeHost';
import { readySource, rowOf } from './fakeHost';
import { scenePicture } from './demoScene';

/** A rollout in the middle of its second turn, whose thought says `words` so far. */
export function rolloutInThought(
  index: number,
  words: string,
  more: Partial<TrajectoryView> = {},
): TrajectoryView {
  const whole = twoCropRollout(index);
  const { verdict: _verdict, reward: _reward, ...started } = whole;
  const tokens = words.split(' ').length;
  const thought: PartView = { kind: 'thought', text: words, closed: false, tokens };
  const first = whole.turns[0];
  const second: TurnView = { raw: `<think>${words}`, parts: [thought], recovered: false };
  return {
    ...started,
    turns: first ? [first, second] : [second],
    outcome: { status: 'running' },
    zoomCount: 1,
    toolCalls: 1,
    modelTokens: 85 + tokens,
    bytes: { start: 72, end: 20_000 + words.length },
    ...more,
  };
}

/** A log of events with these rollouts. */
export function eventLog(
  records: readonly TrajectoryView[],
  source: Partial<Extract<SourceView, { status: 'ready' }>> = {},
): HostData {
  const record = (index: number): TrajectoryView => records[index] ?? plainRollout(index);
  return {
    source: readySource(records.length, {
      name: 'rollout.imcot.jsonl',
      label: 'iMCoT event log',
      isEventLog: true,
      writtenAt: Date.now(),
      ...source,
    }),
    record,
    row: (index) => rowOf(record(index)),
    image: (_index, id, maxSide) =>
      scenePicture(
        maxSide,
        id.startsWith('original') ? undefined : { x1: 1176, y1: 1128, x2: 1252, y2: 1236 },
      ),
  };
}
