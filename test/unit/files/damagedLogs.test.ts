import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ImcotError } from '../../../src/common/errors';
import { openTrajectorySource } from '../../../src/files/openSource';
import { streamRecords } from '../../../src/files/streamRecords';
import type { FormatId, RecordResult } from '../../../src/readers/reader';
import { FORMATS } from '../../support/fixtureRecords';
import { fixtureCut, readBytes, readerNamed, sameResult, seeded } from '../../support/mutations';

/*
 * The same damage as in the readers' tests, now through files: what the sources give must be what the plain way of
 * reading gives.
 */

const DAMAGES_PER_FORMAT = 60;
const seed = Number(process.env['IMCOT_SEED'] ?? Math.floor(Math.random() * 2 ** 31));

async function throughSource(file: string, format: FormatId): Promise<RecordResult[]> {
  const source = await openTrajectorySource(file, { index: 'inProcess', readers: [readerNamed(format)] });
  try {
    const { records } = await source.indexed();
    const results: RecordResult[] = [];
    for (let index = 0; index < records; index++) results.push(await source.record(index));
    return results;
  } finally {
    source.dispose();
  }
}

async function throughStream(file: string, format: FormatId): Promise<RecordResult[]> {
  const results: RecordResult[] = [];
  for await (const result of streamRecords(file, { readers: [readerNamed(format)] })) results.push(result);
  return results;
}

/** The good records that the plain way of reading gives, and must come through a file as well. */
function goodOf(results: readonly RecordResult[]): Extract<RecordResult, { status: 'ok' }>[] {
  return results.filter((result) => result.status === 'ok');
}

function assertSame(found: readonly RecordResult[], expected: readonly RecordResult[], what: string): void {
  const good = goodOf(found);
  const wanted = goodOf(expected);
  assert.equal(good.length, wanted.length, what);
  wanted.forEach((result, index) => {
    const other = good[index];
    assert.ok(other && sameResult(other, result), `${what}: record ${index} reads differently`);
  });
  for (const result of found) if (result.status === 'bad') assert.ok(result.reason.length > 0);
}

describe(`damaged files (IMCOT_SEED=${seed})`, function () {
  this.timeout(60_000);
  let folder = '';
  before(() => (folder = mkdtempSync(path.join(tmpdir(), 'imcot-damaged-'))));
  after(() => rmSync(folder, { recursive: true, force: true }));

  /** Bytes as a file, read both ways; undefined when the file as a whole was refused with a sentence. */
  async function read(format: FormatId, bytes: Uint8Array): Promise<RecordResult[][] | undefined> {
    const file = path.join(folder, `${format}.jsonl`);
    writeFileSync(file, bytes);
    try {
      return [await throughSource(file, format), await throughStream(file, format)];
    } catch (thrown) {
      assert.ok(thrown instanceof ImcotError && thrown.code === 'input', String(thrown));
      return undefined;
    }
  }

  for (const [position, format] of FORMATS.entries()) {
    const original = fixtureCut(format);
    const random = seeded(seed + position);

    const damages: readonly (readonly [string, (run: number) => Uint8Array])[] = [
      ['cut off', () => original.subarray(0, random(original.length + 1))],
      [
        'with a piece cut out',
        () => {
          const start = random(original.length);
          const end = start + 1 + random(60);
          return Uint8Array.from([...original.subarray(0, start), ...original.subarray(end)]);
        },
      ],
      [
        'with bytes changed',
        (run) => {
          const bytes = Uint8Array.from(original);
          for (let time = 0; time <= run % 4; time++) bytes[random(original.length)] = random(256);
          return bytes;
        },
      ],
    ];
    for (const [what, damage] of damages) {
      it(`${format}, ${what}: read as without files`, async () => {
        let readable = 0;
        for (let run = 0; run < DAMAGES_PER_FORMAT; run++) {
          const bytes = damage(run);
          const expected = readBytes(format, bytes).map(({ result }) => result);
          const ways = await read(format, bytes);
          if (ways === undefined) continue;
          readable++;
          for (const found of ways) assertSame(found, expected, `${format}, ${what}, run ${run}`);
        }
        assert.ok(readable > DAMAGES_PER_FORMAT / 6, `only ${readable} were read at all`);
      });
    }

    it(`${format}: byte order mark, CRLF, empty lines, NUL characters and no last line feed`, async () => {
      const text = new TextDecoder().decode(original);
      const expected = readBytes(format, original).map(({ result }) => result);
      const spellings = [
        `\ufeff${text.replaceAll('\n', '\r\n')}`,
        text.replaceAll('\n', '\n\n  \n\r\n'),
        text.trimEnd(),
        `${text}\0\0\0\0`,
        text.replaceAll('\n', '\0\0\n'),
      ];
      for (const spelling of spellings) {
        const ways = await read(format, new TextEncoder().encode(spelling));
        assert.ok(ways);
        for (const found of ways) assertSame(found, expected, JSON.stringify(spelling.slice(-20)));
      }
    });
  }

  it('refuses an event log of a later version as a whole', async () => {
    const file = path.join(folder, 'later.imcot.jsonl');
    writeFileSync(file, '{"imcot":2}\n{"t":0,"event":"start","prompt":{"user":"q"}}\n');
    await assert.rejects(throughSource(file, 'imcot'), /version 2 and this program reads up to version 1/);
  });
});
