import assert from 'node:assert/strict';
import type { FormatId } from '../../../src/readers/reader';
import { eventKey } from '../../../src/readers/trajectories/imcotEvents';
import { FORMATS } from '../../support/fixtureRecords';
import type { ReadRecord } from '../../support/mutations';
import {
  fixtureCut,
  recordKey,
  linesOf,
  readBytes,
  sameResult,
  seeded,
  untouched,
} from '../../support/mutations';

/*
 * Damaged files: nothing throws, hangs or pollutes, and whatever the damage left alone is read as before.
 */

const SLOWEST_MILLISECONDS = 2000;
const CUTS_PER_FORMAT = 400;
const FLIPS_PER_FORMAT = 2000;

/** Reads damaged bytes, within the time that a person would wait, and checks every record that is whole. */
function check(format: FormatId, bytes: Uint8Array, whole: readonly ReadRecord[], what: string): void {
  const begun = performance.now();
  let found: ReadRecord[];
  try {
    found = readBytes(format, bytes);
  } catch (thrown) {
    throw new Error(`${format}, ${what}: threw`, { cause: thrown });
  }
  const took = performance.now() - begun;
  assert.ok(took < SLOWEST_MILLISECONDS, `${format}, ${what}: took ${took} ms`);
  const byBytes = new Map(found.map((record) => [recordKey(record), record]));
  for (const record of whole) {
    const again = byBytes.get(recordKey(record));
    assert.ok(again, `${format}, ${what}: the record at ${record.lines[0]?.start} is gone`);
    assert.ok(sameResult(again.result, record.result), `${format}, ${what}: reads differently`);
  }
}

/** Event logs: a damaged line may name another trajectory than it did; that one is no longer what it was. */
function notClaimed(
  format: FormatId,
  bytes: Uint8Array,
  whole: readonly ReadRecord[],
): readonly ReadRecord[] {
  if (format !== 'imcot') return whole;
  const counts = (lines: readonly { readonly bytes: Uint8Array }[]) => {
    const found = new Map<unknown, number>();
    for (const line of lines) found.set(eventKey(line.bytes), (found.get(eventKey(line.bytes)) ?? 0) + 1);
    return found;
  };
  const now = counts(linesOf(bytes));
  return whole.filter((record) => {
    const first = record.lines[0];
    return first !== undefined && now.get(eventKey(first.bytes)) === record.lines.length;
  });
}

const seed = Number(process.env['IMCOT_SEED'] ?? Math.floor(Math.random() * 2 ** 31));

describe(`damaged logs (IMCOT_SEED=${seed})`, function () {
  this.timeout(60_000);
  const members = Object.getOwnPropertyNames(Object.prototype).sort();
  afterEach(() => {
    assert.deepEqual(Object.getOwnPropertyNames(Object.prototype).sort(), members);
  });

  for (const [position, format] of FORMATS.entries()) {
    const original = fixtureCut(format);
    const records = readBytes(format, original);
    const random = seeded(seed + position);

    it(`${format}: the fixture itself is good and at most 16 KB long`, () => {
      assert.ok(original.length <= 16 * 1024 && records.length >= 2);
      for (const { result } of records) assert.equal(result.status, 'ok');
    });

    it(`${format}: cut off at every byte`, () => {
      for (let length = 0; length <= original.length; length++) {
        const whole = records.filter((record) => (record.lines.at(-1)?.end ?? 0) <= length);
        check(format, original.subarray(0, length), whole, `cut off at ${length}`);
      }
    });

    it(`${format}: ${CUTS_PER_FORMAT} pieces cut out`, () => {
      for (let run = 0; run < CUTS_PER_FORMAT; run++) {
        const start = random(original.length);
        const length = 1 + random(run % 2 === 0 ? 40 : original.length - start);
        const end = Math.min(original.length, start + length);
        const bytes = Uint8Array.from([...original.subarray(0, start), ...original.subarray(end)]);
        const whole = untouched(records, (from, to) => from < end && to > start);
        check(format, bytes, notClaimed(format, bytes, whole), `without ${start} to ${end}`);
      }
    });

    it(`${format}: ${FLIPS_PER_FORMAT} bytes changed, one to four at a time`, () => {
      for (let run = 0; run < FLIPS_PER_FORMAT; run++) {
        const bytes = Uint8Array.from(original);
        const places = Array.from({ length: 1 + (run % 4) }, () => random(original.length));
        for (const place of places) bytes[place] = (bytes[place] ?? 0) ^ (1 + random(255));
        const whole = untouched(records, (from, to) => places.some((place) => place >= from && place < to));
        check(format, bytes, notClaimed(format, bytes, whole), `changed at ${places.join(', ')}`);
      }
    });
  }
});
