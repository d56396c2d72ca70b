import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parseJson } from '../../src/common/json';
import { columnRows } from '../../src/readers/columnRows';
import type { FormatId } from '../../src/readers/reader';
import { eventKey } from '../../src/readers/trajectories/imcotEvents';

const FIXTURES = path.join(__dirname, '../fixtures');

/** Where the fixtures of each format lie. */
const FOLDERS: Readonly<Partial<Record<FormatId, string>>> = {
  imcot: 'imcot',
  'deepeyes-eval': 'deepeyes-vstar',
  'rl-logging-board': 'rl-logging-board',
  'verl-rollouts': 'verl-rollouts',
  'swift-completions': 'swift-completions',
  chat: 'chat',
};

/** Every format that has fixtures of lines. */
export const FORMATS = Object.keys(FOLDERS) as FormatId[];

/** The JSONL files of a format's fixtures, in the order of their names. */
export function fixtureFiles(format: FormatId): string[] {
  const folder = path.join(FIXTURES, FOLDERS[format] ?? format);
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.jsonl'))
    .sort()
    .map((name) => path.join(folder, name));
}

/** The values of each record of a text: one line each, or all lines of a trajectory for the event log. */
export function recordsOfText(format: FormatId, text: string): unknown[][] {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const values = lines.map((line) => {
    const parsed = parseJson(line);
    return parsed.ok ? parsed.value : undefined;
  });
  if (format === 'swift-completions') return values.flatMap(columnRows).map((row) => [row]);
  if (format !== 'imcot') return values.map((value) => [value]);
  const byKey = new Map<number, unknown[]>();
  lines.forEach((line, index) => {
    const key = eventKey(new TextEncoder().encode(line));
    if (typeof key !== 'number') return;
    const known = byKey.get(key) ?? [];
    byKey.set(key, known);
    known.push(values[index]);
  });
  return [...byKey.values()];
}

/** The records of all fixtures of a format. */
export function fixtureRecords(format: FormatId): unknown[][] {
  return fixtureFiles(format).flatMap((file) => recordsOfText(format, readFileSync(file, 'utf8')));
}
