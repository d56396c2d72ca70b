import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import type { Codecs } from '../../src/readers/codecs';
import type { RecordContext, RecordResult, TrajectoryReader } from '../../src/readers/reader';
import type { Trajectory } from '../../src/trajectory/trajectory';

/** What readers need of the machine. */
export const codecs: Codecs = {
  sha256: (bytes) => createHash('sha256').update(bytes).digest('hex'),
};

/** A context for a record that stands nowhere in particular. */
export function contextAt(index = 0, file = 'records.jsonl'): RecordContext {
  return { file, index, bytes: { start: 0, end: 0 }, codecs };
}

/** The trajectory of a record that must be readable, and its inline images. */
export function readGood(
  reader: TrajectoryReader,
  ...values: readonly unknown[]
): { readonly trajectory: Trajectory; readonly images: ReadonlyMap<string, Uint8Array> } {
  const result = reader.read(values, contextAt());
  assert.equal(result.status, 'ok', result.status === 'bad' ? result.reason : '');
  return result as Extract<RecordResult, { status: 'ok' }>;
}

/** Why a record that must not be readable can't be read. */
export function reasonOf(reader: TrajectoryReader, ...values: readonly unknown[]): string {
  const result = reader.read(values, contextAt());
  assert.equal(result.status, 'bad');
  return result.status === 'bad' ? result.reason : '';
}
