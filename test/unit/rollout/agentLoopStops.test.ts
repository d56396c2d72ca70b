import assert from 'node:assert/strict';
import { ImcotError } from '../../../src/common/errors';
import { runRollout } from '../../../src/rollout/agentLoop';
import type { RolloutEvent } from '../../../src/rollout/rolloutEvents';
import { DEEPEYES_V2 } from '../../../src/rollout/protocols/deepEyes';
import { ScriptedBackend } from '../../support/scriptedBackend';
import type { ScriptedRun } from './support/rolloutLog';
import { gradient, playScript, qwenTemplate, realCutter } from './support/rolloutLog';
import { ANSWER, CROP, zoomOf } from './support/trainingBranches';
import { goldenLines, playedLines } from './support/transcript';

const GOOD = zoomOf(10, 10, 94, 66);
const TURNS = [{ says: GOOD.says }, { says: ANSWER.says }];

/** Plays and stops when `when` says so. */
async function stopped(
  when: (stop: () => void) => Partial<ScriptedRun>,
): Promise<Awaited<ReturnType<typeof playScript>>> {
  const controller = new AbortController();
  const run = when(() => controller.abort());
  return playScript({ turns: TURNS, signal: controller.signal, ...run });
}

function types(events: readonly RolloutEvent[]): string[] {
  return events.map(({ type }) => type).filter((type) => type !== 'text');
}

describe('agent loop, stopped by a person', () => {
  it('before the model is asked for anything', async () => {
    const backend = new ScriptedBackend(await qwenTemplate(), TURNS);
    const events: RolloutEvent[] = [];
    const settings = { sampling: { temperature: 0 } };
    const run = { backend, cutter: realCutter, protocol: DEEPEYES_V2, settings, signal: AbortSignal.abort() };
    for await (const event of runRollout({ question: 'q', pictures: [gradient(56, 56)] }, run))
      events.push(event);
    assert.deepEqual(types(events), ['start', 'end']);
    assert.deepEqual(events.at(-1), { type: 'end', status: 'cancelled' });
    assert.equal(backend.sequences.length, 0);
  });

  it('while the prompt is taken in', async () => {
    const played = await stopped((stop) => ({
      hooks: { onAppend: (_, index) => (index === 1 ? stop() : undefined) },
    }));
    assert.deepEqual(playedLines(played), ['cancelled']);
    assert.deepEqual(types(played.events), ['start', 'end']);
  });

  it('while it speaks: what was said stands', async () => {
    const played = await stopped((stop) => ({
      hooks: { onToken: (turn, token) => (turn === 0 && token === 3 ? stop() : undefined) },
    }));
    assert.deepEqual(
      playedLines(played),
      goldenLines([{ says: GOOD.says, heard: 4, then: [] }], 'cancelled'),
    );
    assert.equal(played.trajectory.outcome.status, 'cancelled');
    assert.deepEqual(types(played.events), ['start', 'prompt', 'turn', 'end']);
  });

  it('at its last token', async () => {
    const tokens = goldenLines([{ says: GOOD.says, then: [] }], '').length - 3;
    const played = await stopped((stop) => ({
      hooks: { onToken: (_, token) => (token === tokens ? stop() : undefined) },
    }));
    assert.equal(played.trajectory.outcome.status, 'cancelled');
    assert.equal(played.trajectory.turns.length, 1);
  });

  it('while a crop is cut: the call stands', async () => {
    for (const cut of ['throws', 'returns'] as const) {
      const played = await stopped((stop) => ({
        cutter: {
          cut: (source, report, signal) => {
            stop();
            if (cut === 'throws') return Promise.reject(new Error(`aborted: ${String(signal?.aborted)}`));
            return realCutter.cut(source, report);
          },
        },
      }));
      assert.deepEqual(
        playedLines(played),
        goldenLines([{ says: GOOD.says, then: [GOOD.call] }], 'cancelled'),
      );
      assert.deepEqual(types(played.events), ['start', 'prompt', 'turn', 'toolCall', 'end']);
    }
  });

  it('while the observation is taken in: the crop was seen, and is not in the log as shown to the model', async () => {
    const played = await stopped((stop) => ({
      hooks: { onAppend: (_, index) => (index === 2 ? stop() : undefined) },
    }));
    assert.deepEqual(playedLines(played), goldenLines([{ says: GOOD.says, then: [GOOD.call] }], 'cancelled'));
    assert.deepEqual(types(played.events), ['start', 'prompt', 'turn', 'toolCall', 'crop', 'end']);
  });

  it('in a later turn', async () => {
    const played = await stopped((stop) => ({
      hooks: { onToken: (turn) => (turn === 1 ? stop() : undefined) },
    }));
    const first = { says: GOOD.says, then: [GOOD.call, CROP('84x56=6')] };
    assert.deepEqual(playedLines(played), goldenLines([first, { ...ANSWER, heard: 1 }], 'cancelled'));
  });

  it('between an observation and what comes next: no further turn is begun', async () => {
    const controller = new AbortController();
    const { signal } = controller;
    const backend = new ScriptedBackend(await qwenTemplate(), TURNS);
    const settings = { sampling: { temperature: 0 } };
    const run = { backend, cutter: realCutter, protocol: DEEPEYES_V2, settings, signal };
    const events: RolloutEvent[] = [];
    for await (const event of runRollout({ question: 'q', pictures: [gradient(280, 224)] }, run)) {
      events.push(event);
      if (event.type === 'observation') controller.abort();
    }
    assert.deepEqual(types(events).slice(-2), ['observation', 'end']);
    assert.equal(backend.sequences[0]?.asked.length, 1);
  });

  it('by nobody listening any more: the model is let go', async () => {
    const backend = new ScriptedBackend(await qwenTemplate(), TURNS);
    const settings = { sampling: { temperature: 0 } };
    const run = { backend, cutter: realCutter, protocol: DEEPEYES_V2, settings };
    let heard = 0;
    for await (const event of runRollout({ question: 'q', pictures: [gradient(280, 224)] }, run)) {
      if (event.type === 'text' && ++heard === 2) break;
    }
    assert.equal(backend.sequences[0]?.closed, true);
    assert.match(backend.sequences[0]?.context ?? '', /assistant\n<think>a$/);
  });
});

describe('agent loop, faults', () => {
  it('keeps what was said when the model breaks, and says why', async () => {
    const played = await playScript({ turns: [{ says: '<think>I', breaks: 'The model process is gone.' }] });
    const lines = goldenLines(
      [{ says: '<think>I', heard: 2, then: [] }],
      'error {"message":"The model process is gone."}',
    );
    assert.deepEqual(playedLines(played), lines);
    const end = played.events.at(-1);
    assert.ok(end?.type === 'end' && end.thrown instanceof ImcotError);
  });

  it('keeps the call when its crop can not be made', async () => {
    const cutter = { cut: () => Promise.reject(new ImcotError('limit', 'The cut is too large.')) };
    const played = await playScript({ turns: TURNS, cutter });
    const end = 'error {"message":"The cut is too large."}';
    assert.deepEqual(playedLines(played), goldenLines([{ says: GOOD.says, then: [GOOD.call] }], end));
  });

  it('tells of a model that can not begin', async () => {
    const backend = new ScriptedBackend(await qwenTemplate(), []);
    backend.start = () => Promise.reject(new ImcotError('limit', 'No memory for a conversation.'));
    const settings = { sampling: { temperature: 0 } };
    const events: RolloutEvent[] = [];
    const run = { backend, cutter: realCutter, protocol: DEEPEYES_V2, settings };
    for await (const event of runRollout({ question: 'q', pictures: [] }, run)) events.push(event);
    const end = events.at(-1);
    assert.deepEqual(types(events), ['start', 'end']);
    assert.ok(
      end?.type === 'end' && end.status === 'error' && end.reason === 'No memory for a conversation.',
    );
  });
});
