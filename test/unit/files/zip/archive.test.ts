import assert from 'node:assert/strict';
import { MAX_RECORD_BYTES } from '../../../../src/files/lineWindow';
import { unpackZstd } from '../../../../src/files/zip/zstd';
import { sniffFile } from '../../../../src/files/sniffFile';
import { inspectEvalReader as reader } from '../../../../src/readers/trajectories/inspect';
import type { RecordResult } from '../../../../src/readers/reader';
import { goldenBytes } from '../../../support/goldenLogs';
import { makeZip, type MemberToPack } from '../../../support/makeZip';
import { memoryFile, readTable } from '../../../support/memoryFile';
import { sameResult, seeded } from '../../../support/mutations';

const sample = (id: string, text = 'hi'): string =>
  JSON.stringify({ id, epoch: 1, messages: [{ role: 'user', content: text }] });
const START = { name: '_journal/start.json', data: '{"version":2,"eval":{"metadata":{"step":40}}}' };
const members: readonly MemberToPack[] = [
  START,
  { name: 'samples/a_epoch_1.json', data: sample('a') },
  { name: 'samples/b/c_epoch_1.json', data: sample('b/c', 'ho'.repeat(40)), method: 'deflated' },
];

const ids = (results: readonly RecordResult[]): readonly unknown[] =>
  results.map((result) => (result.status === 'ok' ? result.trajectory.id : result.reason));

/** Zstandard frame of one block that repeats a byte. */
function repeated(byte: number, times: number, declared: number): Uint8Array {
  const frame = new Uint8Array(4 + 1 + 4 + 3 + 1);
  const view = new DataView(frame.buffer);
  view.setUint32(0, 0xfd2fb528, true);
  view.setUint8(4, 0xa0);
  view.setUint32(5, declared, true);
  const header = (times << 3) | 3;
  view.setUint16(9, header & 0xffff, true);
  view.setUint8(11, header >> 16);
  view.setUint8(12, byte);
  return frame;
}

describe('archives of samples', () => {
  it('stored and deflated members, with a directory or without one, with sizes before the data or behind', async () => {
    for (const end of ['directory', 'none'] as const) {
      for (const streamed of [false, true]) {
        const packed = makeZip(
          members.map((member) => ({ ...member, streamed })),
          end,
        );
        const results = await readTable(reader, packed);
        assert.deepEqual(ids(results), ['a', 'b/c'], `${end}, ${streamed}`);
        const steps = results.map((result) => result.status === 'ok' && result.trajectory.step);
        assert.deepEqual(steps, [40, 40], 'the journal tells of the run while it has no header');
      }
    }
  });

  it('of members with one name the last counts; header.json goes before the journal', async () => {
    const again = { name: 'samples/a_epoch_1.json', data: sample('again') };
    const header = { name: 'header.json', data: '{"eval":{"metadata":{"step":41}}}' };
    const results = await readTable(reader, makeZip([...members, again, header]));
    assert.deepEqual(ids(results), ['b/c', 'again']);
    assert.ok(results[0]?.status === 'ok');
    assert.equal(results[0].trajectory.step, 41);
  });

  it('refuses by name of the limit what declares too much, and what unpacks to more than it declares', async () => {
    const bomb = (more: Partial<MemberToPack>): Uint8Array =>
      makeZip([{ name: 'samples/x.json', data: sample('x'), ...more }, ...members]);
    const reasons = async (more: Partial<MemberToPack>): Promise<string> => {
      const [first, ...rest] = ids(await readTable(reader, bomb(more)));
      assert.deepEqual(rest, ['a', 'b/c']);
      return String(first);
    };
    assert.match(
      await reasons({ unpacked: MAX_RECORD_BYTES + 1 }),
      /may have 64\.0 MiB \(the record limit\)/,
    );
    assert.match(await reasons({ method: 'deflated', unpacked: 10 }), /damaged/);
    const frame = { number: 93, packed: repeated(32, 100_000, 50) };
    assert.match(await reasons({ method: frame, unpacked: 50 }), /damaged: .*more than 50 bytes/);
    const claim = { number: 93, packed: repeated(32, 50, 0xffffffff) };
    assert.match(await reasons({ method: claim, unpacked: 50 }), /claims to unpack to 4294967295 bytes/);
    assert.match(await reasons({ crc: 1 }), /its checksum does not fit/);
    assert.match(await reasons({ flags: 1 }), /encrypted/);
    assert.match(await reasons({ method: { number: 12, packed: new Uint8Array(3) } }), /packed by method 12/);
  });

  it('a frame of Zstandard is unpacked to what it holds', () => {
    assert.deepEqual(unpackZstd(repeated(7, 1000, 1000), 1000), new Uint8Array(1000).fill(7));
    assert.throws(() => unpackZstd(new Uint8Array([1, 2, 3]), 10));
  });

  it('an archive of something else is told by what it holds', async () => {
    const open = (): Promise<ReturnType<typeof memoryFile>> =>
      Promise.resolve(memoryFile('x', makeZip([{ name: 'model/weights.bin', data: 'x' }])));
    const sniffed = await sniffFile('x.zip', undefined, open);
    assert.match(
      'reason' in sniffed ? sniffed.reason : '',
      /a ZIP archive, yet it holds "model\/weights\.bin"/,
    );
  });

  it('cut at every byte: members that are whole are read', async () => {
    const packed = makeZip(members);
    const text = Buffer.from(packed).toString('latin1');
    const second = text.indexOf('PK\u0003\u0004', text.indexOf('samples/a'));
    for (let end = 0; end < packed.length; end++) {
      const found = ids(await readTable(reader, packed.subarray(0, end)));
      if (end >= second) assert.equal(found[0], 'a', `cut at ${end}`);
      if (end >= text.indexOf('PK\u0001\u0002')) assert.deepEqual(found, ['a', 'b/c'], `cut at ${end}`);
    }
  });

  it("500 cuts and flips of a real log: nothing throws, and other members' samples read as before", async () => {
    const packed = goldenBytes('inspect', 'vstar-zoom.eval');
    const third = Buffer.from(packed).indexOf('samples/sa_1002') - 30;
    // Mostly the first two samples alone, as an archive that is being written: six take three times as long.
    await damage(packed.subarray(0, third), 420, packed.length);
    await damage(packed, 80, 30_000);
  }).timeout(60_000);
});

/** @param header from where on what is damaged may say something about all samples */
async function damage(packed: Uint8Array, rounds: number, header: number): Promise<void> {
  const whole = await readTable(reader, packed);
  assert.ok(whole.length >= 2);
  const random = seeded(11);
  for (let round = 0; round < rounds; round++) {
    const at = random(packed.length);
    const isCut = round % 5 === 0;
    const damaged = Uint8Array.from(isCut ? packed.subarray(0, at) : packed);
    if (!isCut) damaged[at] = (damaged[at] ?? 0) ^ (1 << random(8));
    const placeOf = (result: RecordResult): { readonly start: number; readonly end: number } =>
      result.status === 'ok' ? result.trajectory.origin.bytes : result.bytes;
    const found = new Map((await readTable(reader, damaged)).map((one) => [placeOf(one).start, one]));
    for (const result of whole) {
      const { start, end } = placeOf(result);
      // The place leaves out the local header, of at most 200 bytes here. Without a directory, what stands behind a
      // damaged header is not found again.
      const isWalked = header >= packed.length;
      const isTouched = isCut || isWalked ? at < end + 200 : at >= start && at < end + 200;
      if (isTouched || (!isCut && at >= header)) continue;
      const again = found.get(start);
      assert.ok(again, `round ${round}: the sample at ${start} is gone`);
      if (!isCut)
        assert.ok(sameResult(again, result), `round ${round}: the sample at ${start} reads otherwise`);
    }
  }
}
