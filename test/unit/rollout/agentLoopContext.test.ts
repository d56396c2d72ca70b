import assert from 'node:assert/strict';
import { DEEPEYES_EVALUATION, DEEPEYES_V2, DEEPEYES_V5 } from '../../../src/rollout/protocols/deepEyes';
import { SYSTEM_PROMPT_V5 } from '../../../src/rollout/prompts/deepEyesPrompts';
import { readQwenJson } from '../../support/goldenQwen';
import { gradient, playScript } from './support/rolloutLog';

interface GoldenConversation {
  readonly messages: readonly { readonly role: string; readonly content: unknown }[];
  readonly crop_box: readonly number[];
  readonly crop_size_wh: readonly number[];
  readonly rendered: Readonly<Record<'conversation' | 'conversation_full', string>>;
}

const golden = readQwenJson('generate/conversation.json') as GoldenConversation;
const spoken = golden.messages
  .filter(({ role }) => role === 'assistant')
  .map(({ content }) => String(content));

describe('agent loop, what the model sees', () => {
  for (const protocol of [DEEPEYES_V2, DEEPEYES_EVALUATION]) {
    it(`is the reference's rendering, byte for byte (${protocol.name})`, async () => {
      const question = 'Is the small clock on the left or right side?';
      const before: string[] = [];
      const played = await playScript({
        protocol,
        // The reference's question has the form of the evaluation; training asks whatever its data has.
        task: {
          question: protocol === DEEPEYES_V2 ? `Question: ${question}\n` : question,
          pictures: [gradient(280, 140)],
        },
        turns: spoken.map((says) => ({ says })),
        hooks: { onGenerate: (context) => before.push(context) },
      });
      assert.equal(`${played.sequence.context}\n`, golden.rendered.conversation_full);
      assert.equal(before[1], golden.rendered.conversation);
      const report = played.events.find((event) => event.type === 'crop')?.report;
      assert.ok(report?.tool === 'zoom');
      const { cropSize } = report;
      if (protocol === DEEPEYES_V2)
        assert.deepEqual([cropSize?.width, cropSize?.height], golden.crop_size_wh);
    });
  }

  it("is v5's (section 1: system text v5, n tool_responses with their line breaks, then the turn's text)", async () => {
    const call =
      '<tool_call>{"name": "image_zoom_in_tool", "arguments": {"bbox_2d": [0, 0, 56, 56]}}</tool_call>';
    const { sequence } = await playScript({
      protocol: DEEPEYES_V5,
      turns: [{ says: call + call }, { says: '<answer>B</answer>' }],
    });
    const image = '<|vision_start|><|image_pad|><|vision_end|>';
    const text =
      '\nThink in the mind first, and then decide whether to call tools one or more times OR provide final answer. Format strictly as: <think>...</think> <tool_call>...</tool_call> <tool_call>...</tool_call> (if any tools needed) OR <answer>...</answer> (if no tools needed).';
    const response = `<tool_response>\n${image}\n</tool_response>\n`;
    assert.equal(
      sequence.context,
      `<|im_start|>system\n${SYSTEM_PROMPT_V5}<|im_end|>\n<|im_start|>user\n${image}What is on the sign?${text}<|im_end|>\n` +
        `<|im_start|>assistant\n${call}${call}<|im_end|>\n<|im_start|>user\n${response}${response}${text}<|im_end|>\n` +
        '<|im_start|>assistant\n<answer>B</answer><|im_end|>',
    );
  });

  it('is an error in words (section 2, item 4: a user turn that holds the error alone)', async () => {
    const says = '<tool_call>{"name": </tool_call>';
    const { sequence } = await playScript({ turns: [{ says }, { says: '<answer>B</answer>' }] });
    const error =
      'Error: Invalid tool call format: {"name":. Error: Expecting value: line 1 column 9 (char 8)';
    const expected = `${says}<|im_end|>\n<|im_start|>user\n${error}<|im_end|>\n<|im_start|>assistant\n<answer>B</answer><|im_end|>`;
    assert.ok(sequence.context.endsWith(expected), sequence.context.slice(-400));
  });

  it('has what the model said even when a stop string ended its turn: the template closes it', async () => {
    const says =
      '<tool_call>{"name": "image_zoom_in_tool", "arguments": {"bbox_2d": [0, 0, 56, 56]}}</tool_call>';
    const { sequence } = await playScript({
      turns: [{ says: `${says} and more` }, { says: '<answer>B</answer>' }],
      settings: { stopStrings: ['</tool_call>'] },
    });
    assert.ok(
      sequence.context.includes(`${says}<|im_end|>\n<|im_start|>user\n<tool_response><|vision_start|>`),
    );
    assert.deepEqual(sequence.asked[0]?.stopStrings, ['</tool_call>']);
  });
});
