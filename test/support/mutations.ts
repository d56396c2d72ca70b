import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { decodeUtf8, parseJson } from '../../src/common/json';
import { columnRows } from '../../src/readers/columnRows';
import type { FormatId, RecordResult, TrajectoryReader } from '../../src/readers/reader';
import { readerOf } from '../../src/readers/registry';
import { eventKey } from '../../src/readers/trajectories/imcotEvents';
import { fixtureFiles } from './fixtureRecords';
import { contextAt } from './readRecords';

/** Small generator of repeatable pseudo-random numbers (mulberry32). */
export function seeded(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

/** The reader of a format; it must be registered. */
export function readerNamed(format: FormatId): TrajectoryReader {
  const reader = readerOf(format);
  assert.ok(reader);
  return reader;
}

/**
 * A piece of a format's fixtures of about 8 KB (at most 16, which the longest lines need): whole lines, the short ones
 * first; an event log stays as it is.
 */
export function fixtureCut(format: FormatId): Uint8Array {
  const text = fixtureFiles(format)
    .map((file) => readFileSync(file, 'utf8'))
    .join('');
  let lines = text.split('\n').filter((line) => line !== '');
  if (format !== 'imcot') lines = lines.sort((a, b) => a.length - b.length);
  const encoder = new TextEncoder();
  let kept = '';
  for (const [index, line] of lines.entries()) {
    const limit = index < 2 ? 16 * 1024 : 8 * 1024;
    if (encoder.encode(kept + line).length + 1 > limit) break;
    kept += `${line}\n`;
  }
  assert.ok(kept.split('\n').length > 2, `${format}: fewer than two lines fit`);
  return encoder.encode(kept);
}

/** A stretch of a file between two line feeds. */
export interface Line {
  readonly start: number;
  readonly end: number;
  readonly bytes: Uint8Array;
}

/** Every line of the bytes, the last one also without a line feed. */
export function linesOf(bytes: Uint8Array): Line[] {
  const lines: Line[] = [];
  for (let start = 0; start < bytes.length;) {
    const feed = bytes.indexOf(10, start);
    const end = feed < 0 ? bytes.length : feed;
    lines.push({ start, end, bytes: bytes.subarray(start, end) });
    start = end + 1;
  }
  return lines;
}

/** What a file's records are, without any file: lines, JSON, reader. One entry per record, with its lines. */
export interface ReadRecord {
  readonly lines: readonly Line[];
  /** Which row of its line it is, where lines are tables. */
  readonly row?: number;
  readonly result: RecordResult;
}

/** Reads bytes the plain way. Throws only when a reader does. */
export function readBytes(format: FormatId, bytes: Uint8Array): ReadRecord[] {
  const reader = readerNamed(format);
  const groups: Line[][] = [];
  const byKey = new Map<number, Line[]>();
  for (const line of linesOf(bytes)) {
    if (format === 'imcot' && isTorn(line, bytes)) continue;
    const key = format === 'imcot' ? eventKey(line.bytes) : undefined;
    const known = typeof key === 'number' ? byKey.get(key) : undefined;
    if (known) known.push(line);
    else if (key !== 'header') {
      const group = [line];
      groups.push(group);
      if (typeof key === 'number') byKey.set(key, group);
    }
  }
  return groups.flatMap((lines, index): ReadRecord[] => {
    const values = lines.map((line) => {
      const parsed = parseJson(decodeUtf8(line.bytes));
      return parsed.ok ? parsed.value : undefined;
    });
    if (reader.layout !== 'columns') return [{ lines, result: reader.read(values, contextAt(index)) }];
    return values
      .flatMap(columnRows)
      .map((value, row) => ({ lines, row, result: reader.read([value], contextAt(row)) }));
  });
}

/** A record's lines and row as a key that is equal for equal bytes. */
export function recordKey({ lines, row = 0 }: ReadRecord): string {
  return `${row} ${identityOf(lines)}`;
}

/** A last line that is still being written: no damage. */
function isTorn(line: Line, bytes: Uint8Array): boolean {
  return line.end === bytes.length && !parseJson(decodeUtf8(line.bytes)).ok;
}

/** What a record's lines are, as a key that is equal for equal bytes. */
function identityOf(lines: readonly { readonly bytes: Uint8Array }[]): string {
  return lines.map(({ bytes }) => Buffer.from(bytes).toString('latin1')).join('\n');
}

/** Equal in everything but the place in the file. */
export function sameResult(a: RecordResult, b: RecordResult): boolean {
  if (a.status === 'bad' || b.status === 'bad') {
    return a.status === 'bad' && b.status === 'bad' && a.reason === b.reason;
  }
  const { origin: _a, ...first } = a.trajectory;
  const { origin: _b, ...second } = b.trajectory;
  return isDeepStrictEqual(first, second) && isDeepStrictEqual([...a.images], [...b.images]);
}

/** The original records whose every byte (line feeds included) a mutation left alone. */
export function untouched(
  records: readonly ReadRecord[],
  isTouched: (start: number, end: number) => boolean,
): ReadRecord[] {
  // The line feed in front of a line belongs to the line before, and is part of what ends it.
  return records.filter(
    ({ lines }) => !lines.some(({ start, end }) => isTouched(Math.max(0, start - 1), end + 1)),
  );
}
