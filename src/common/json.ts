/** What became of a text that should be JSON. `position` counts UTF-16 units from the text's start. */
export type JsonResult =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly error: string; readonly position?: number };

// Stays a string until `reviveNaN` has been over the value: JSON has no number that would read as NaN.
const NAN_STAND_IN = '\ue0a7imcot:NaN\ue0a7';
const NON_FINITE = /(?<![\w.$])(?:NaN|-?Infinity)(?![\w.$])/g;
const LINE_REST = /[\0\s]+$/;

/**
 * Reads one JSON text as logs really hold it. Strict `JSON.parse` comes first; only where that fails, the bare words
 * NaN, Infinity and -Infinity (Python's `json` writes them) are read as numbers. A byte order mark in front and line
 * ends, blanks and NUL characters behind (a crash leaves them) are not part of the text. A key `__proto__` becomes an
 * own property like any other: never hand such an object to `Object.assign`. Never throws.
 */
export function parseJson(text: string): JsonResult {
  const start = text.charCodeAt(0) === 0xfeff ? 1 : 0;
  const body = trimEnd(start === 0 ? text : text.slice(1));
  try {
    return { ok: true, value: JSON.parse(body) as unknown };
  } catch (thrown) {
    const second = parseNonFinite(body);
    return second ?? failure(thrown, body, start);
  }
}

function trimEnd(text: string): string {
  const last = text.charCodeAt(text.length - 1);
  // The regular expression is slow on long texts with inner blanks, and nearly no text needs it.
  if (last > 0x20) return text;
  let end = text.length;
  while (end > 0 && LINE_REST.test(text[end - 1] ?? '')) end--;
  return text.slice(0, end);
}

function parseNonFinite(text: string): JsonResult | undefined {
  const replaced = replaceNonFinite(text);
  if (replaced === undefined) return undefined;
  try {
    return { ok: true, value: reviveNaN(JSON.parse(replaced)) };
  } catch {
    return undefined;
  }
}

/** Undefined when no bare word stands outside the text's strings. */
function replaceNonFinite(text: string): string | undefined {
  if (!text.includes('NaN') && !text.includes('Infinity')) return undefined;
  const pieces: string[] = [];
  let changed = false;
  let position = 0;
  while (position < text.length) {
    const quote = text.indexOf('"', position);
    const end = quote < 0 ? text.length : quote;
    const outside = text.slice(position, end);
    const written = outside.replace(NON_FINITE, (word) =>
      word === 'NaN' ? JSON.stringify(NAN_STAND_IN) : word === 'Infinity' ? '1e999' : '-1e999',
    );
    changed ||= written !== outside;
    position = quote < 0 ? end : endOfString(text, quote);
    pieces.push(written, text.slice(end, position));
  }
  return changed ? pieces.join('') : undefined;
}

/** One past the closing quote of the string that opens at `quote`; the text's end where it is not closed. */
function endOfString(text: string, quote: number): number {
  let next = text.indexOf('"', quote + 1);
  while (next >= 0) {
    let backslashes = 0;
    while (text.charCodeAt(next - 1 - backslashes) === 0x5c) backslashes++;
    if (backslashes % 2 === 0) return next + 1;
    next = text.indexOf('"', next + 1);
  }
  return text.length;
}

/** Walks with a list instead of recursion: the nesting may be deeper than the stack. */
function reviveNaN(root: unknown): unknown {
  if (root === NAN_STAND_IN) return NaN;
  const open: object[] = [];
  const visit = (value: unknown): void => {
    if (typeof value === 'object' && value !== null) open.push(value);
  };
  visit(root);
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const container = next as Record<string, unknown>;
    for (const key of Object.keys(container)) {
      const value = container[key];
      // An own `__proto__` is found before the inherited setter, so this writes a plain property.
      if (value === NAN_STAND_IN) container[key] = NaN;
      else visit(value);
    }
  }
  return root;
}

function failure(thrown: unknown, body: string, start: number): JsonResult {
  const error = thrown instanceof Error ? thrown.message : 'not JSON';
  const told = /at position (\d+)/.exec(error)?.[1];
  if (told !== undefined) return { ok: false, error, position: Number(told) + start };
  // V8 names no position only when the text ends too early.
  return error.includes('end of JSON')
    ? { ok: false, error, position: body.length + start }
    : { ok: false, error };
}

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** The text of UTF-8 bytes; what is not UTF-8 reads U+FFFD. A byte order mark stays in the text. */
export function decodeUtf8(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}

const PREVIEW_DEPTH = 32;

/**
 * A value as compact JSON for display, at most `maxLength` UTF-16 units long. Where it had to be cut (too long, nested
 * deeper than 32) an ellipsis stands, so the result need not parse. Never throws, whatever the value's depth or size.
 */
export function previewJson(value: unknown, maxLength: number): string {
  const writer = new PreviewWriter(maxLength);
  writer.value(value, 0);
  return writer.result();
}

class PreviewWriter {
  private text = '';

  constructor(private readonly maxLength: number) {}

  private get full(): boolean {
    return this.text.length > this.maxLength;
  }

  result(): string {
    if (!this.full) return this.text;
    const cut = this.text.slice(0, Math.max(0, this.maxLength - 1));
    return `${endsInsidePair(cut) ? cut.slice(0, -1) : cut}…`.slice(0, this.maxLength);
  }

  value(value: unknown, depth: number): void {
    if (typeof value === 'string') {
      // One unit more than fits is enough to know that it was cut.
      this.text += JSON.stringify(value.slice(0, this.maxLength + 1));
    } else if (typeof value !== 'object' || value === null) {
      this.text += String(value);
    } else if (depth >= PREVIEW_DEPTH) {
      this.text += '…';
    } else if (Array.isArray(value)) {
      this.list(value as readonly unknown[], depth);
    } else {
      this.record(value, depth);
    }
  }

  private list(values: readonly unknown[], depth: number): void {
    this.text += '[';
    for (let index = 0; index < values.length && !this.full; index++) {
      if (index > 0) this.text += ',';
      this.value(values[index], depth + 1);
    }
    this.text += ']';
  }

  private record(value: object, depth: number): void {
    this.text += '{';
    let first = true;
    for (const key of value instanceof Map ? (value.keys() as Iterable<unknown>) : Object.keys(value)) {
      if (this.full) break;
      if (!first) this.text += ',';
      first = false;
      this.text += `${JSON.stringify(String(key).slice(0, this.maxLength + 1))}:`;
      const held: unknown =
        value instanceof Map ? value.get(key) : (value as Record<string, unknown>)[String(key)];
      this.value(held, depth + 1);
    }
    this.text += '}';
  }
}

function endsInsidePair(text: string): boolean {
  const last = text.charCodeAt(text.length - 1);
  return last >= 0xd800 && last <= 0xdbff;
}
