import assert from 'node:assert/strict';
import { AUTHORS_LIMITS } from '../../../src/rollout/rolloutSettings';
import { DEEPEYES_EVALUATION, DEEPEYES_V2, DEEPEYES_V5 } from '../../../src/rollout/protocols/deepEyes';
import type { ImcotError } from '../../../src/common/errors';
import type { PlayedRollout, ScriptedRun } from './support/rolloutLog';
import { playScript } from './support/rolloutLog';
import { ANSWER, CROP, FINISHED, zoomOf } from './support/trainingBranches';
import type { GoldenTurn } from './support/transcript';
import { goldenLines, playedLines } from './support/transcript';

const GOOD = zoomOf(10, 10, 94, 66);
const CALLS: GoldenTurn = { says: GOOD.says, then: [GOOD.call, CROP('84x56=6')] };
/** A call whose crop nobody gets. */
const DROPPED: GoldenTurn = { says: GOOD.says, then: [GOOD.call] };

function says(turns: readonly GoldenTurn[]): ScriptedRun['turns'] {
  return turns.map((turn) => ({ says: turn.says }));
}

/** Tokens of the prompt, and of a turn with what comes after it. */
async function measured(): Promise<{ readonly prompt: number; readonly turn: number }> {
  const { events } = await playScript({ turns: says([CALLS, ANSWER]) });
  let prompt = 0;
  let turn = 0;
  for (const event of events) {
    if (event.type === 'prompt') prompt = event.tokens ?? 0;
    if (event.type === 'turn' && event.turn === 0) turn += event.tokens;
    if (event.type === 'observation') turn += event.appended?.tokens ?? 0;
  }
  return { prompt, turn };
}

function crops({ events }: PlayedRollout): number {
  return events.filter(({ type }) => type === 'crop').length;
}

describe('agent loop, limits', () => {
  it("has the authors' numbers (section 2: 5 turns, 10240 tokens a turn, 8192 + 20480 in all, 32 images)", () => {
    assert.deepEqual(DEEPEYES_V2.limits, {
      maxTurns: 5,
      maxTokensPerTurn: 10_240,
      maxPromptTokens: 8192,
      maxResponseTokens: 20_480,
      maxImages: 32,
    });
    assert.equal(DEEPEYES_V5.limits, AUTHORS_LIMITS.training);
    assert.equal(DEEPEYES_EVALUATION.limits.maxTurns, 11);
  });

  it('turns (section 2, loop: with 5 turns at most 4 crops; on the last step the result is dropped)', async () => {
    const turns = [CALLS, CALLS, CALLS, CALLS, DROPPED];
    const played = await playScript({ turns: says(turns) });
    const end = 'outcome {"status":"turnLimit","reason":"The limit of 5 turns is reached."}';
    assert.deepEqual(playedLines(played), goldenLines(turns, end));
    assert.equal(crops(played), 4);
    assert.equal(played.sequence.images.length, 5);
  });

  it('turns, when the last call is refused: its error is dropped as well', async () => {
    const { says, call } = zoomOf(5, 5, 5, 5);
    const turns = [{ says, then: [call] }];
    const played = await playScript({ turns: [{ says }], settings: { maxTurns: 1 } });
    const end = 'outcome {"status":"turnLimit","reason":"The limit of 1 turns is reached."}';
    assert.deepEqual(playedLines(played), goldenLines(turns, end));
    assert.ok(played.sequence.context.endsWith('</tool_call><|im_end|>'));
  });

  it('an answer in the last turn is an answer', async () => {
    const turns = [CALLS, ANSWER];
    const played = await playScript({ turns: says(turns), settings: { maxTurns: 2 } });
    assert.deepEqual(playedLines(played), goldenLines(turns, FINISHED));
  });

  it('tokens in all (section 2, loop: an observation that would exceed them is discarded)', async () => {
    const { prompt, turn } = await measured();
    const settings = { maxPromptTokens: prompt, maxResponseTokens: turn };
    const played = await playScript({ turns: says([DROPPED]), settings });
    const reason = `With the observation the limit of ${prompt + turn} tokens in all is reached.`;
    const end = `outcome ${JSON.stringify({ status: 'length', reason })}`;
    assert.deepEqual(playedLines(played), goldenLines([DROPPED], end));
    assert.equal(crops(played), 1, 'it is shown as it was cut all the same');

    const roomy = { ...settings, maxResponseTokens: turn + 100 };
    const fits = await playScript({ turns: says([CALLS, ANSWER]), settings: roomy });
    assert.deepEqual(playedLines(fits), goldenLines([CALLS, ANSWER], FINISHED));
  });

  it('tokens in all, within a turn (section 2: the response is no longer than its limit)', async () => {
    const { prompt } = await measured();
    const settings = { maxPromptTokens: prompt, maxResponseTokens: 7 };
    const played = await playScript({ turns: says([CALLS]), settings });
    const end = `outcome {"status":"length","reason":"The limit of ${prompt + 7} tokens in all is reached."}`;
    assert.deepEqual(playedLines(played), goldenLines([{ ...DROPPED, heard: 7, then: [] }], end));
    assert.equal(played.sequence.asked[0]?.maxTokens, 7);
  });

  it("the model's own context, at an observation and within a turn", async () => {
    const { prompt, turn } = await measured();
    const full = await playScript({ turns: says([DROPPED]), contextLength: prompt + turn - 3 });
    assert.equal(full.trajectory.outcome.status, 'length');
    assert.match(full.trajectory.outcome.reason ?? '', /would have \d+ tokens/);
    const within = await playScript({ turns: [{ says: GOOD.says, end: 'context' }] });
    assert.equal(within.trajectory.outcome.status, 'length');
    assert.equal(crops(within), 0);
  });

  it('images (section 2, loop: a request holds so many at most)', async () => {
    const turns = [CALLS, DROPPED];
    const played = await playScript({ turns: says(turns), settings: { maxImages: 2 } });
    const reason = 'The next request would hold 3 images; at most 2 are allowed.';
    const end = `outcome ${JSON.stringify({ status: 'length', reason })}`;
    assert.deepEqual(playedLines(played), goldenLines(turns, end));
  });

  it('refuses a limit that is none, before anything happens', async () => {
    const run = playScript({ turns: [], settings: { maxTurns: 0 } });
    await assert.rejects(
      run,
      (error: ImcotError) => error.code === 'usage' && /maxTurns is 0/.test(error.message),
    );
  });
});
