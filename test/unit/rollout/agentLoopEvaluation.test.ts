import assert from 'node:assert/strict';
import { DEEPEYES_EVALUATION, DEEPEYES_V5, PLAIN } from '../../../src/rollout/protocols/deepEyes';
import type { ScriptedRun } from './support/rolloutLog';
import { playScript } from './support/rolloutLog';
import { ANSWER, CROP, ERROR, FINISHED, zoomOf } from './support/trainingBranches';
import type { GoldenTurn } from './support/transcript';
import { goldenLines, playedLines } from './support/transcript';

const GOOD = zoomOf(10, 10, 94, 66);
const SECOND = zoomOf(0, 0, 56, 56);

async function check(
  turns: readonly GoldenTurn[],
  end: string,
  run: Omit<ScriptedRun, 'turns'>,
): Promise<void> {
  const played = await playScript({ ...run, turns: turns.map(({ says }) => ({ says })) });
  assert.deepEqual(playedLines(played), goldenLines(turns, end));
}

describe('agent loop, as in evaluation (section 2, "Evaluation loop is different")', () => {
  const run = { protocol: DEEPEYES_EVALUATION };

  it('a call: the first one counts', () =>
    check(
      [{ says: `${GOOD.says}${SECOND.says}`, then: [GOOD.call, CROP('84x56=6')] }, ANSWER],
      FINISHED,
      run,
    ));

  it('a small box is cut: no validation', () =>
    check(
      [{ says: zoomOf(0, 0, 20, 20).says, then: [zoomOf(0, 0, 20, 20).call, CROP('56x56=4')] }, ANSWER],
      FINISHED,
      run,
    ));

  it('a box beyond the image is cut as it stands: no clamping', () =>
    check(
      [
        { says: zoomOf(224, 168, 308, 252).says, then: [zoomOf(224, 168, 308, 252).call, CROP('84x84=9')] },
        ANSWER,
      ],
      FINISHED,
      run,
    ));

  it('a call and an answer in one turn: cropped and logged, then the end', async () => {
    const turns = [{ says: `${GOOD.says}<answer>B</answer>`, then: [GOOD.call, CROP('84x56=undefined')] }];
    await check(turns, FINISHED, run);
  });

  it('a call that is not closed reaches to the end of the text', () => {
    const says = GOOD.says.replace('</tool_call>', '');
    return check([{ says, then: [GOOD.call, CROP('84x56=6')] }, ANSWER], FINISHED, run);
  });

  it("the call is read by Python's eval", () => {
    const says =
      "<tool_call>{'name': 'image_zoom_in_tool', 'arguments': {'bbox_2d': (10, 10, 94, 66,)}}</tool_call>";
    return check([{ says, then: [GOOD.call, CROP('84x56=6')] }, ANSWER], FINISHED, run);
  });

  it('an exception sets the status to error', () => {
    const { says, call } = zoomOf(94, 10, 10, 66);
    const message = 'The box is inverted: right (10) is less than left (94).';
    return check([{ says, then: [call] }], `error ${JSON.stringify({ message, prediction: says })}`, run);
  });

  it('a turn that was cut off is read like any other', () =>
    check([{ says: `${GOOD.says} x`, heard: 13, then: [GOOD.call, CROP('84x56=6')] }, ANSWER], FINISHED, {
      ...run,
      settings: { maxTokensPerTurn: 13 },
    }));

  it('up to 11 calls, and the last one is logged', async () => {
    const calls: GoldenTurn = { says: GOOD.says, then: [GOOD.call, CROP('84x56=6')] };
    const last = { says: GOOD.says, then: [GOOD.call, CROP('84x56=undefined')] };
    const reason = 'The limit of 11 turns is reached.';
    const end = `outcome ${JSON.stringify({ status: 'turnLimit', reason, prediction: GOOD.says })}`;
    await check([...Array.from({ length: 10 }, () => calls), last], end, run);
  });

  it('asks with the options (section 1: Question, Options, the text of v2; the image first)', async () => {
    const task = { question: 'What colour?', options: ['red', 'blue'] };
    const { sequence } = await playScript({ ...run, task, turns: [{ says: ANSWER.says }] });
    const asked =
      '<|im_start|>user\n<|vision_start|><|image_pad|><|vision_end|>Question: What colour?\nOptions: \nA. red\nB. blue\n\n' +
      '\nThink first, call **image_zoom_in_tool** if needed, then answer. ';
    assert.ok(sequence.context.includes(asked), sequence.context);
  });
});

describe('agent loop, several calls in a turn (section 1, v5)', () => {
  const run = { protocol: DEEPEYES_V5 };
  const words =
    'Think in the mind first, and then decide whether to call tools one or more times OR provide final answer. Format strictly as: <think>...</think> <tool_call>...</tool_call> <tool_call>...</tool_call> (if any tools needed) OR <answer>...</answer> (if no tools needed).';
  const response = '<tool_response>\n<image>\n</tool_response>\n';
  const crops = (...pictures: readonly string[]): string => {
    const raw = JSON.stringify(`${response.repeat(pictures.length)}\n${words}`);
    return `observation ${raw} words ${JSON.stringify(words)} ${pictures.map((picture) => `[${picture}]`).join(' ')}`;
  };

  it('all of them run, each with a tool_response of its own', () =>
    check(
      [
        { says: `${GOOD.says}${SECOND.says}`, then: [GOOD.call, SECOND.call, crops('84x56=6', '56x56=4')] },
        ANSWER,
      ],
      FINISHED,
      run,
    ));

  it('up to 3 calls of a turn run', () =>
    check(
      [
        {
          says: GOOD.says.repeat(4),
          then: [GOOD.call, GOOD.call, GOOD.call, crops('84x56=6', '84x56=6', '84x56=6')],
        },
        ANSWER,
      ],
      FINISHED,
      run,
    ));

  it('one failing call fails the whole turn', () => {
    const bad = '<tool_call>{"name": "image_zoom_in_tool", "arguments": {}}</tool_call>';
    return check(
      [
        {
          says: `${GOOD.says}${bad}${SECOND.says}`,
          then: [GOOD.call, 'call image_zoom_in_tool {}', ERROR("Error: 'bbox_2d'")],
        },
        ANSWER,
      ],
      FINISHED,
      run,
    );
  });

  it('bad JSON is not wrapped into "Invalid tool call format"', () => {
    const error = ERROR('Error: Expecting value: line 1 column 1 (char 0)');
    return check(
      [{ says: '<tool_call></tool_call>', then: ['call  undefined', error] }, ANSWER],
      FINISHED,
      run,
    );
  });
});

describe('agent loop, no tool (section 2: rows without an environment end after one generation)', () => {
  it('asks the question alone', async () => {
    const { sequence, trajectory } = await playScript({ protocol: PLAIN, turns: [{ says: GOOD.says }] });
    assert.equal(trajectory.outcome.status, 'finished');
    assert.equal(trajectory.prompt.system, undefined);
    assert.match(
      sequence.context,
      /<\|vision_end\|>What is on the sign\?<\|im_end\|>\n<\|im_start\|>assistant\n<think>/,
    );
    assert.equal(sequence.images.length, 1);
  });
});
