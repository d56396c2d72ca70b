/** What a test says of a rollout; the rest of its line follows from it. */
export interface MadeRollout {
  readonly step: number;
  readonly question: string;
  /** Crops that came back, one per turn, before the answer. */
  readonly zooms: number;
  /** Tokens of each generation, at least 2. */
  readonly tokens?: number;
  readonly reward: number;
  /** What is answered, and the right answer; `a` where absent. */
  readonly answer?: string;
  /** What every crop is cut from; a corner of the image where absent. */
  readonly box?: readonly [number, number, number, number];
}

const OBSERVATION = ['\n', '<|im_start|>', 'user\n', '<|vision_start|>', '<|image_pad|>', '<|vision_end|>'];
const REPLY = ['<|im_end|>', '\n', '<|im_start|>', 'assistant\n'];
const callOf = (box: readonly number[]): string =>
  `<tool_call>{"name": "image_zoom_in_tool", "arguments": {"bbox_2d": [${box.join(', ')}]}}</tool_call>`;

/** A line of an RL Logging Board dump, without its line end. Observations have 10 tokens. */
export function boardLine(rollout: MadeRollout): string {
  const { step, question, zooms, tokens = 4, reward, answer = 'a', box = [0, 0, 50, 50] } = rollout;
  const filler = Array<string>(tokens - 2).fill('x');
  const list = [
    ...Array.from({ length: zooms }, () => [
      ...filler,
      callOf(box),
      '<|im_end|>',
      ...OBSERVATION,
      ...REPLY,
    ]).flat(),
    ...filler,
    `<answer>${answer}</answer>`,
    '<|im_end|>',
  ];
  return JSON.stringify({
    step,
    prompt: `<|im_start|>user\n${question}<|im_end|>\n<|im_start|>assistant\n`,
    response: list.join(''),
    response_tokens: list,
    logprobs: list.map(() => -0.5),
    reward,
    ground_truth: answer,
  });
}
