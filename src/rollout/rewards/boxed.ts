/*
 * Answers in `\boxed{}`.
 */

const BOX = '\\boxed{';

/**
 * How many boxes DeepEyes counts: matches of `\\boxed{([^}]+)}`, one after the other. An empty box is none, and a box
 * within a box belongs to it. Linear in the text.
 */
export function countBoxes(text: string): number {
  let count = 0;
  for (let start = text.indexOf(BOX); start >= 0;) {
    const inner = start + BOX.length;
    const end = text.indexOf('}', inner);
    if (end < 0) return count;
    if (end > inner) count++;
    start = text.indexOf(BOX, end > inner ? end + 1 : inner);
  }
  return count;
}

/**
 * What stands in the boxes, outermost ones only, by balanced braces (`\{` and `\}` are characters), so that
 * `\boxed{\frac{1}{2}}` is whole, which the expression above cuts. A box that is never closed is left out.
 */
export function boxedTexts(text: string): string[] {
  const found: string[] = [];
  for (let start = text.indexOf(BOX); start >= 0;) {
    const end = closingBrace(text, start + BOX.length);
    // The braces behind an unclosed box are open as well, or belong to a box that is tried by itself below.
    if (end < 0) return [...found, ...closedBoxes(text, start + BOX.length)];
    found.push(text.slice(start + BOX.length, end));
    start = text.indexOf(BOX, end + 1);
  }
  return found;
}

function closingBrace(text: string, from: number): number {
  let depth = 1;
  for (let at = from; at < text.length; at++) {
    const char = text.charAt(at);
    if (char === '\\') at++;
    else if (char === '{') depth++;
    else if (char === '}' && --depth === 0) return at;
  }
  return -1;
}

/** The outermost closed boxes within a box that is not closed, found with a stack in one pass. */
function closedBoxes(text: string, from: number): string[] {
  const open: (number | undefined)[] = [];
  const closed: { readonly start: number; readonly end: number }[] = [];
  for (let at = from; at < text.length; at++) {
    const isBox = text.startsWith(BOX, at);
    if (isBox) at += BOX.length - 1;
    const char = text.charAt(at);
    if (char === '\\') at++;
    else if (char === '{') open.push(isBox ? at + 1 : undefined);
    else if (char === '}') {
      const start = open.pop();
      if (start === undefined) continue;
      while ((closed.at(-1)?.start ?? -1) > start) closed.pop();
      closed.push({ start, end: at });
    }
  }
  return closed.map(({ start, end }) => text.slice(start, end));
}
