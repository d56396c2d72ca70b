/** Words that tell nothing about what is meant. */
const FILLERS = new Set(
  `a an and are as at be been being by for from has have in is it its of on one or so that the their there these this
  those to was were with which who what color colour side image picture photo located placed positioned shown visible
  appears seems`.split(/\s+/),
);

/** The words of a text in lower case, without possessive endings. */
export function wordsOf(text: string): string[] {
  return [...text.toLowerCase().matchAll(/[\p{L}\p{N}]+(?:['’-][\p{L}\p{N}]+)*/gu)].map(([word]) =>
    word.replace(/['’]s$/, ''),
  );
}

/** The words that tell something. */
export function contentWords(text: string): string[] {
  return wordsOf(text).filter((word) => !FILLERS.has(word));
}

/** How many words two lists have in common in the same order. */
export function commonInOrder(a: readonly string[], b: readonly string[]): number {
  let previous = new Array<number>(b.length + 1).fill(0);
  for (const word of a) {
    const current = [0];
    b.forEach((other, j) => {
      current.push(word === other ? (previous[j] ?? 0) + 1 : Math.max(previous[j + 1] ?? 0, current[j] ?? 0));
    });
    previous = current;
  }
  return previous[b.length] ?? 0;
}
