import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parseJson } from '../../src/common/json';
import type { Codecs } from '../../src/readers/codecs';
import type { RecordResult, TrajectoryReader } from '../../src/readers/reader';
import type { Trajectory } from '../../src/trajectory/trajectory';

/** Codecs for tests. */
export const testCodecs: Codecs = {
  sha256: (bytes) => createHash('sha256').update(bytes).digest('hex'),
};

/** The path of a file under test/fixtures. */
export function fixturePath(...parts: string[]): string {
  return path.join(__dirname, '..', 'fixtures', ...parts);
}

/** One value read as the only record of a file of that name. */
export function readValue(reader: TrajectoryReader, value: unknown, file = 'file.jsonl'): RecordResult {
  return reader.read([value], { file, index: 0, bytes: { start: 0, end: 1 }, codecs: testCodecs });
}

/** Like `readValue`, for values that must be good. */
export function readGood(reader: TrajectoryReader, value: unknown, file?: string): Trajectory {
  const result = readValue(reader, value, file);
  if (result.status === 'bad') throw new Error(result.reason);
  return result.trajectory;
}

/** The JSON values of a fixture's lines. */
export function fixtureValues(file: string): unknown[] {
  return readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => {
      const parsed = parseJson(line);
      if (!parsed.ok) throw new Error(parsed.error);
      return parsed.value;
    });
}

/** Every trajectory of a fixture. */
export function readFixture(reader: TrajectoryReader, file: string): Trajectory[] {
  return fixtureValues(file).map((value) => readGood(reader, value, file));
}
