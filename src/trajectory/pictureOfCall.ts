import type { ToolCall } from './toolCall';
import type { ZoomVariant } from './trajectory';

/** The picture that `img_idx` names, counted as Python does: negative numbers from the end. Source: Qwen-Agent's tool. */
export function indexedPicture(call: ToolCall, pictures: number): number | undefined {
  const index = call.status === 'parsed' ? call.arguments.get('img_idx') : 0;
  if (typeof index !== 'number' || !Number.isInteger(index)) return undefined;
  const place = index < 0 ? index + pictures : index;
  return place >= 0 && place < pictures ? place : undefined;
}

/** The picture that `source` names, as Mini-o3 writes it: the prompt's, or the i-th observation, counted from 1. */
export function namedPicture(call: ToolCall, pictures: number): number | undefined {
  if (call.status === 'unparsable') return 0;
  const source = call.arguments.get('source') ?? 'original_image';
  if (source === 'original_image') return 0;
  const number = typeof source === 'string' ? /^observation_([1-9]\d{0,5})$/.exec(source)?.[1] : undefined;
  const place = Number(number);
  return place < pictures ? place : undefined;
}

/**
 * Which picture of the conversation a call works on, from 0.
 * @param pictures how many stand in the conversation before the call's turn
 * @returns undefined when it names one that is not there
 */
export function pictureOfCall(variant: ZoomVariant, call: ToolCall, pictures: number): number | undefined {
  if (variant === 'qwen3Vl') return indexedPicture(call, pictures);
  return variant === 'miniO3' ? namedPicture(call, pictures) : 0;
}
