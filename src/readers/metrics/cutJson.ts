const CLOSER: Readonly<Record<string, string>> = { '{': '}', '[': ']' };

/**
 * JSON that ends too early, closed behind its last whole object or list, so that what is complete can be read. What it
 * gives back is JSON only if the text is so up to its end.
 */
export function closeCutJson(text: string): string {
  const open: string[] = [];
  let end = 0;
  let closers = '';
  for (let at = 0; at < text.length; at++) {
    const char = text.charAt(at);
    if (char === '"') at = endOfString(text, at);
    else if (CLOSER[char] !== undefined) open.push(CLOSER[char]);
    else if (char === '}' || char === ']') {
      if (open.pop() !== char) break;
      end = at + 1;
      closers = [...open].reverse().join('');
    }
  }
  return text.slice(0, end) + closers;
}

/** Position of the closing quote; the text's end where there is none. */
function endOfString(text: string, quote: number): number {
  for (let at = quote + 1; at < text.length; at++) {
    const char = text.charAt(at);
    if (char === '\\') at++;
    else if (char === '"') return at;
  }
  return text.length;
}
