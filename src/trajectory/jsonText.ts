import { errorMessage } from '../common/errors';

/*
 * JSON as Python's `json.loads` reads it: `NaN` and the infinities are numbers, control characters in strings are
 * errors, and a failure has Python's own words, since DeepEyes' environment shows them to the policy.
 * Source of the wording: CPython `Lib/json/decoder.py` and `Lib/json/scanner.py`.
 */

/** A value that was read, or why there is none. */
export type ParsedValue =
  { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly error: string };

/** Deeper nesting is refused: CPython gives up a little under its recursion limit of 1000. */
const MAX_DEPTH = 900;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?/y;
const WORDS: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ['null', null],
  ['true', true],
  ['false', false],
  ['NaN', NaN],
  ['Infinity', Infinity],
  ['-Infinity', -Infinity],
]);
const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['"', '"'],
  ['\\', '\\'],
  ['/', '/'],
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
]);

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

function isBlank(unit: number): boolean {
  return unit === 0x20 || unit === 0x0a || unit === 0x0d || unit === 0x09;
}

class Failure extends Error {
  constructor(
    readonly words: string,
    readonly at?: number,
  ) {
    super(words);
  }
}

/** Python counts code points, JavaScript UTF-16 units. */
function codePoints(text: string): number {
  let count = 0;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    const next = text.charCodeAt(index + 1);
    if (unit >= 0xd800 && unit < 0xdc00 && next >= 0xdc00 && next < 0xe000) index++;
    count++;
  }
  return count;
}

function describe(failure: Failure, text: string): string {
  if (failure.at === undefined) return failure.words;
  const before = text.slice(0, failure.at);
  const lineStart = before.lastIndexOf('\n') + 1;
  const line = before.split('\n').length;
  return `${failure.words}: line ${line} column ${codePoints(before.slice(lineStart)) + 1} (char ${codePoints(before)})`;
}

class JsonScanner {
  private at = 0;

  constructor(private readonly text: string) {}

  document(): unknown {
    this.skipBlanks();
    const value = this.value(0);
    this.skipBlanks();
    if (this.at < this.text.length) throw new Failure('Extra data', this.at);
    return value;
  }

  private number(): number {
    NUMBER.lastIndex = this.at;
    const digits = NUMBER.exec(this.text)?.[0];
    if (digits === undefined) throw new Failure('Expecting value', this.at);
    this.at += digits.length;
    return Number(digits);
  }

  private skipBlanks(): void {
    while (isBlank(this.text.charCodeAt(this.at))) this.at++;
  }

  /** Characters of a string that stand for themselves. A loop: regular expressions run out of stack on huge runs. */
  private plainRun(): string {
    const start = this.at;
    for (;;) {
      const unit = this.text.charCodeAt(this.at);
      // NaN at the end of the text compares false.
      if (!(unit >= 0x20) || unit === QUOTE || unit === BACKSLASH) return this.text.slice(start, this.at);
      this.at++;
    }
  }

  private value(depth: number): unknown {
    if (depth > MAX_DEPTH) throw new Failure('maximum recursion depth exceeded');
    const start = this.at;
    const first = this.text[start];
    if (first === '"') return this.string();
    if (first === '{') return this.object(depth);
    if (first === '[') return this.array(depth);
    for (const [word, value] of WORDS) {
      if (!this.text.startsWith(word, start)) continue;
      this.at += word.length;
      return value;
    }
    return this.number();
  }

  private string(): string {
    const begin = this.at++;
    let result = '';
    for (;;) {
      result += this.plainRun();
      const next = this.text[this.at];
      if (next === undefined) throw new Failure('Unterminated string starting at', begin);
      if (next === '"') {
        this.at++;
        return result;
      }
      if (next !== '\\') throw new Failure('Invalid control character at', this.at);
      result += this.escape(begin);
    }
  }

  private escape(begin: number): string {
    const backslash = this.at;
    const letter = this.text[backslash + 1];
    if (letter === undefined) throw new Failure('Unterminated string starting at', begin);
    if (letter === 'u') {
      const digits = this.text.slice(backslash + 2, backslash + 6);
      if (!/^[0-9a-fA-F]{4}$/.test(digits)) throw new Failure('Invalid \\uXXXX escape', backslash + 1);
      this.at = backslash + 6;
      return String.fromCharCode(parseInt(digits, 16));
    }
    const escaped = ESCAPES.get(letter);
    if (escaped === undefined) throw new Failure('Invalid \\escape', backslash);
    this.at = backslash + 2;
    return escaped;
  }

  private array(depth: number): unknown[] {
    this.at++;
    const items: unknown[] = [];
    this.skipBlanks();
    if (this.text[this.at] === ']') {
      this.at++;
      return items;
    }
    for (;;) {
      items.push(this.value(depth + 1));
      this.skipBlanks();
      const next = this.text[this.at];
      if (next === ']') {
        this.at++;
        return items;
      }
      if (next !== ',') throw new Failure("Expecting ',' delimiter", this.at);
      this.at++;
      this.skipBlanks();
    }
  }

  private object(depth: number): Record<string, unknown> {
    this.at++;
    // No prototype: a key such as `__proto__` is a key like any other.
    const entries = Object.create(null) as Record<string, unknown>;
    this.skipBlanks();
    if (this.text[this.at] === '}') {
      this.at++;
      return entries;
    }
    for (;;) {
      if (this.text[this.at] !== '"') {
        throw new Failure('Expecting property name enclosed in double quotes', this.at);
      }
      const key = this.string();
      this.skipBlanks();
      if (this.text[this.at] !== ':') throw new Failure("Expecting ':' delimiter", this.at);
      this.at++;
      this.skipBlanks();
      entries[key] = this.value(depth + 1);
      this.skipBlanks();
      const next = this.text[this.at];
      if (next === '}') {
        this.at++;
        return entries;
      }
      if (next !== ',') throw new Failure("Expecting ',' delimiter", this.at);
      this.at++;
      this.skipBlanks();
    }
  }
}

/** Reads a JSON text as `json.loads` does. Objects come without a prototype. Linear in the text, never throws. */
export function parsePythonJson(text: string): ParsedValue {
  try {
    return { ok: true, value: new JsonScanner(text).document() };
  } catch (thrown) {
    if (thrown instanceof Failure) return { ok: false, error: describe(thrown, text) };
    return { ok: false, error: errorMessage(thrown) };
  }
}
