import type { ImageReference } from './imageReference';

/*
 * The special tokens of Qwen's chat template as text. Source: DeepEyes' dumps and Qwen2.5-VL's tokenizer.
 */

export const IM_START = '<|im_start|>';
export const IM_END = '<|im_end|>';
const VISION_START = '<|vision_start|>';
const IMAGE_PAD = '<|image_pad|>';

const ANY_SPECIAL = /<\|[a-z_]{1,32}\|>/g;
const PAD_RUN = 64;
const MANY_PADS = IMAGE_PAD.repeat(PAD_RUN);

/** Whether a text was decoded with its special tokens. */
export function hasSpecialTokens(text: string): boolean {
  return text.includes(IM_START) || text.includes(IM_END) || text.includes(VISION_START);
}

/** The text without any special token. */
export function withoutSpecialTokens(text: string): string {
  return text.replaceAll(ANY_SPECIAL, '');
}

/** One blank image per run of pads, with its length as the number of visual tokens. A pad is a whole image unexpanded. */
export function imagesOfPads(text: string): ImageReference[] {
  const images: ImageReference[] = [];
  for (let start = text.indexOf(VISION_START); start >= 0;) {
    let at = start + VISION_START.length;
    let visualTokens = 0;
    for (; text.startsWith(MANY_PADS, at); at += MANY_PADS.length) visualTokens += PAD_RUN;
    for (; text.startsWith(IMAGE_PAD, at); at += IMAGE_PAD.length) visualTokens++;
    // An unexpanded pad stands for an image of unknown size: no image has a single visual token.
    if (visualTokens > 0) images.push(visualTokens > 1 ? { kind: 'blank', visualTokens } : { kind: 'blank' });
    start = text.indexOf(VISION_START, at);
  }
  return images;
}
