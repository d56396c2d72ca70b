import { errorMessage } from '../common/errors';
import type { ParsedValue } from './jsonText';

/*
 * Python literals, as far as `eval` of a tool call needs them: strings in all quotes, numbers, True, False, None,
 * lists, tuples, sets and dictionaries with trailing commas. DeepEyes' evaluation scripts read calls with `eval`.
 * Anything that would have to be computed (names, calls, arithmetic) is refused: nothing is ever executed here.
 */

/** CPython's tokenizer refuses more than 200 nested brackets. */
const MAX_DEPTH = 200;
const BLANKS = new Set([' ', '\t', '\f', '\r', '\n']);
const NAME = /[A-Za-z_]\w*/y;
const NUMBER =
  /0[xX](?:_?[\da-fA-F])+|0[oO](?:_?[0-7])+|0[bB](?:_?[01])+|(?:\d(?:_?\d)*\.?(?:\d(?:_?\d)*)?|\.\d(?:_?\d)*)(?:[eE][-+]?\d(?:_?\d)*)?/y;
const OPENING_QUOTE = /([rRuUbB]{0,2})("""|'''|"|')/y;
const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['\\', '\\'],
  ["'", "'"],
  ['"', '"'],
  ['a', '\x07'],
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
  ['v', '\v'],
  ['\n', ''],
]);
const HEX_LENGTH: ReadonlyMap<string, number> = new Map([
  ['x', 2],
  ['u', 4],
  ['U', 8],
]);

class Failure extends Error {}

const CLOSERS: Readonly<Record<string, string>> = { '[': ']', '(': ')', '{': '}' };

class PythonScanner {
  private at = 0;

  constructor(private readonly text: string) {}

  document(): unknown {
    this.skipBlanks();
    if (this.at >= this.text.length) throw new Failure('invalid syntax');
    const value = this.items(0, undefined);
    if (this.at < this.text.length) throw new Failure('invalid syntax');
    return value.tuple ? value.values : value.values[0];
  }

  private match(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text) ?? undefined;
    if (found) this.at += found[0].length;
    return found;
  }

  /** Blanks and comments. A loop: regular expressions run out of stack on huge runs. */
  private skipBlanks(): void {
    for (;;) {
      const next = this.text[this.at];
      if (next === '#') {
        const lineEnd = this.text.indexOf('\n', this.at);
        this.at = lineEnd < 0 ? this.text.length : lineEnd;
      } else if (next !== undefined && BLANKS.has(next)) this.at++;
      else return;
    }
  }

  /** Values with commas between them, up to a closing bracket (or the end of the text when there is none). */
  private items(depth: number, closer: string | undefined): { values: unknown[]; tuple: boolean } {
    const values: unknown[] = [];
    let tuple = false;
    for (;;) {
      this.skipBlanks();
      if (this.text[this.at] === closer) return { values, tuple: tuple || values.length === 0 };
      values.push(this.value(depth));
      this.skipBlanks();
      if (this.text[this.at] === closer) return { values, tuple };
      if (this.text[this.at] !== ',') throw this.unclosed(closer);
      this.at++;
      tuple = true;
    }
  }

  private unclosed(closer: string | undefined): Failure {
    if (this.at < this.text.length || closer === undefined) return new Failure('invalid syntax');
    const opener = Object.keys(CLOSERS).find((key) => CLOSERS[key] === closer) ?? '(';
    return new Failure(`'${opener}' was never closed`);
  }

  private value(depth: number): unknown {
    if (depth > MAX_DEPTH) throw new Failure('too many nested parentheses');
    const first = this.text[this.at];
    if (first === undefined) throw new Failure('invalid syntax');
    if (first === '[' || first === '(') return this.sequence(first, depth);
    if (first === '{') return this.braces(depth);
    if (first === '-' || first === '+') return this.signed();
    const text = this.strings();
    if (text !== undefined) return text;
    const digits = this.match(NUMBER)?.[0];
    if (digits !== undefined) return Number(digits.replaceAll('_', ''));
    const name = this.match(NAME)?.[0];
    if (name === 'True') return true;
    if (name === 'False') return false;
    if (name === 'None') return null;
    throw new Failure(name === undefined ? 'invalid syntax' : `name '${name}' is not defined`);
  }

  private signed(): number {
    let sign = 1;
    while (this.text[this.at] === '-' || this.text[this.at] === '+') {
      if (this.text[this.at] === '-') sign = -sign;
      this.at++;
      this.skipBlanks();
    }
    const digits = this.match(NUMBER)?.[0];
    if (digits === undefined) throw new Failure('bad operand type for a sign');
    return sign * Number(digits.replaceAll('_', ''));
  }

  private sequence(opener: '[' | '(', depth: number): unknown {
    this.at++;
    const { values, tuple } = this.items(depth + 1, CLOSERS[opener]);
    this.at++;
    return opener === '[' || tuple ? values : values[0];
  }

  /** A dictionary (an object without prototype), or a set (an array in written order). */
  private braces(depth: number): unknown {
    this.at++;
    const entries = Object.create(null) as Record<string, unknown>;
    this.skipBlanks();
    if (this.text[this.at] === '}') {
      this.at++;
      return entries;
    }
    const first = this.value(depth + 1);
    this.skipBlanks();
    if (this.text[this.at] !== ':') return this.restOfSet(first, depth);
    let key = first;
    for (;;) {
      if (this.text[this.at] !== ':') throw this.unclosed('}');
      this.at++;
      this.skipBlanks();
      entries[keyText(key)] = this.value(depth + 1);
      this.skipBlanks();
      if (this.text[this.at] === ',') {
        this.at++;
        this.skipBlanks();
      } else if (this.text[this.at] !== '}') throw this.unclosed('}');
      if (this.text[this.at] === '}') {
        this.at++;
        return entries;
      }
      key = this.value(depth + 1);
      this.skipBlanks();
    }
  }

  private restOfSet(first: unknown, depth: number): unknown[] {
    if (this.text[this.at] === '}') {
      this.at++;
      return [first];
    }
    if (this.text[this.at] !== ',') throw this.unclosed('}');
    this.at++;
    const { values } = this.items(depth + 1, '}');
    this.at++;
    return [first, ...values];
  }

  /** One or more string literals side by side, which Python joins. */
  private strings(): string | undefined {
    let opening = this.match(OPENING_QUOTE);
    if (!opening) return undefined;
    const pieces: string[] = [];
    while (opening) {
      pieces.push(this.stringBody(opening[2] ?? '"', /r/i.test(opening[1] ?? '')));
      this.skipBlanks();
      opening = this.match(OPENING_QUOTE);
    }
    return pieces.join('');
  }

  private stringBody(quote: string, isRaw: boolean): string {
    const pieces: string[] = [];
    let from = this.at;
    for (;;) {
      const next = this.text[this.at];
      if (next === undefined || (next === '\n' && quote.length === 1)) {
        throw new Failure('unterminated string literal');
      }
      if (this.text.startsWith(quote, this.at)) {
        pieces.push(this.text.slice(from, this.at));
        this.at += quote.length;
        return pieces.join('');
      }
      if (next !== '\\') {
        this.at++;
      } else if (isRaw) {
        this.at += 2;
      } else {
        pieces.push(this.text.slice(from, this.at), this.escape());
        from = this.at;
      }
    }
  }

  private escape(): string {
    const letter = this.text[this.at + 1] ?? '';
    const plain = ESCAPES.get(letter);
    if (plain !== undefined) {
      this.at += 2;
      return plain;
    }
    const octal = /^[0-7]{1,3}/.exec(this.text.slice(this.at + 1, this.at + 4))?.[0];
    if (octal !== undefined) {
      this.at += 1 + octal.length;
      return String.fromCodePoint(parseInt(octal, 8));
    }
    const length = HEX_LENGTH.get(letter);
    if (length === undefined) {
      // An unknown escape stays as it is, backslash included.
      this.at += 1;
      return '\\';
    }
    const digits = this.text.slice(this.at + 2, this.at + 2 + length);
    const code = digits.length === length && /^[\da-fA-F]+$/.test(digits) ? parseInt(digits, 16) : Infinity;
    if (code > 0x10ffff) throw new Failure('(unicode error) malformed escape in a string');
    this.at += 2 + length;
    return String.fromCodePoint(code);
  }
}

function keyText(key: unknown): string {
  if (typeof key === 'string') return key;
  if (typeof key === 'number' || typeof key === 'boolean' || key === null) return String(key);
  throw new Failure("unhashable type: a dictionary's key must be a plain value");
}

/**
 * Reads one Python literal. Tuples and sets become arrays, dictionaries objects without a prototype.
 * Linear in the text, executes nothing, never throws; errors are worded like Python's.
 */
export function parsePythonLiteral(text: string): ParsedValue {
  try {
    return { ok: true, value: new PythonScanner(text).document() };
  } catch (thrown) {
    return { ok: false, error: errorMessage(thrown) };
  }
}
