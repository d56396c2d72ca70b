import { boxToArray } from '../../src/common/boundingBox';
import type { Size } from '../../src/common/boundingBox';
import { QWEN25_LIMITS } from '../../src/common/smartResize';
import { pillowCrop } from '../../src/imaging/pillowCrop';
import type { RgbImage } from '../../src/imaging/imageStore';
import type { Backend, Message, ModelImage, Sequence } from '../../src/inference/backend';
import { planCall } from '../../src/rollout/tools/planCalls';
import { parseTurn } from '../../src/trajectory/parseTurn';
import type { ParsedTurn } from '../../src/trajectory/parseTurn';
import type { RolloutSetting } from './recordedRollouts';

/** A generated token and how far the model preferred it, in nats, to the next one. */
export interface PlayedToken {
  readonly id: number;
  readonly margin: number;
}

/** What a model did with a question. */
export interface PlayedRollout {
  readonly turns: readonly { readonly text: string; readonly tokens: readonly PlayedToken[] }[];
  readonly boxes: readonly (readonly number[])[];
  readonly answer: string;
}

/** The most tokens of a turn when the rollouts were recorded. */
const TURN_TOKENS = 110;
/** The environment that this follows: one call per turn, boxes under 30 pixels refused. */
const ENVIRONMENT = 'trainingV2';

/** System and user message of a question about a picture. */
export function promptMessages(picture: RgbImage, question: string, setting: RolloutSetting): Message[] {
  const image: ModelImage = { pixels: picture, maxPixels: setting.viewMaxPixels };
  return [
    { role: 'system', parts: [{ type: 'text', text: setting.system }] },
    {
      role: 'user',
      parts: [
        { type: 'image', image },
        { type: 'text', text: question + setting.instruction },
      ],
    },
  ];
}

/**
 * What the environment answers to a turn.
 * @param picture the original
 * @param seen the size at which the model saw it: its boxes count these pixels
 * @returns the box and the observation; undefined when the rollout ends here
 */
export function observe(
  text: string,
  picture: RgbImage,
  seen: Size,
  setting: RolloutSetting,
): { readonly box?: readonly number[]; readonly message: Message } | undefined {
  const { decision, parts } = parseTurn(text, ENVIRONMENT);
  if (decision.ends) return undefined;
  const call = parts.find((part) => part.kind === 'toolCall' && part.acted);
  if (call?.kind !== 'toolCall') return undefined;
  const { minPixels, maxPixels } = { minPixels: setting.cropMinPixels, maxPixels: setting.cropMaxPixels };
  const limits = { ...QWEN25_LIMITS, minPixels, maxPixels };
  const report = planCall(call.call, picture, {
    variant: ENVIRONMENT,
    frame: 'resized',
    resized: seen,
    limits,
  });
  if (report.tool !== 'zoom' || report.cut === undefined || report.requested === undefined) {
    const words = report.tool === 'zoom' ? report.environmentError : undefined;
    return { message: { role: 'user', parts: [{ type: 'text', text: words ?? 'Error' }] } };
  }
  const image: ModelImage = { pixels: pillowCrop(picture, report.cut), minPixels, maxPixels };
  return {
    box: boxToArray(report.requested),
    message: {
      role: 'user',
      parts: [
        { type: 'text', text: '<tool_response>' },
        { type: 'image', image },
        { type: 'text', text: `${setting.instruction}</tool_response>` },
      ],
    },
  };
}

/** Lets a model answer a question at temperature 0, with the zoom tool. */
export async function playRollout(
  backend: Backend,
  picture: RgbImage,
  question: string,
  setting: RolloutSetting,
): Promise<PlayedRollout> {
  const sequence = await backend.start();
  try {
    let seen: Size = picture;
    for (const message of promptMessages(picture, question, setting)) {
      const { images } = await sequence.appendMessage(message);
      seen = images[0]?.seen ?? seen;
    }
    const turns: { text: string; tokens: readonly PlayedToken[] }[] = [];
    const boxes: (readonly number[])[] = [];
    for (;;) {
      const turn = await playTurn(sequence);
      turns.push(turn);
      const next = observe(turn.text, picture, seen, setting);
      if (!next || turns.length === setting.maxTurns) break;
      if (next.box) boxes.push(next.box);
      await sequence.appendMessage(next.message);
    }
    return { turns, boxes, answer: answerOf(turns.at(-1)?.text ?? '') };
  } finally {
    await sequence.close();
  }
}

async function playTurn(sequence: Sequence): Promise<{ text: string; tokens: readonly PlayedToken[] }> {
  const tokens: PlayedToken[] = [];
  let text = '';
  const options = { sampling: { temperature: 0 }, maxTokens: TURN_TOKENS, topCount: 2 };
  for await (const event of sequence.generate(options)) {
    text += event.text;
    if (event.type === 'end' || event.id === undefined) break;
    const [best, second] = event.top;
    const margin = best && second ? best.logProbability - second.logProbability : Infinity;
    tokens.push({ id: event.id, margin });
  }
  return { text, tokens };
}

function answerOf(text: string): string {
  const parsed: ParsedTurn = parseTurn(text, ENVIRONMENT);
  const inner = parsed.decision.answer?.inner;
  return inner ? text.slice(inner.start, inner.end).trim() : text.trim();
}
