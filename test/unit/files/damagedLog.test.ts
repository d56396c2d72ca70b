import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { memorySource } from '../../../src/common/byteSource';
import type { OpenFile } from '../../../src/files/fileSource';
import { openTrajectorySource } from '../../../src/files/openSource';
import { streamRecords } from '../../../src/files/streamRecords';
import { propertySeed } from '../../support/property';
import { seededRandom, shortOf, tinyReader, useFolder } from './support/tinyLog';

/** Lines of different lengths, with everything that may stand between them. */
const FIXTURE = new TextEncoder().encode(
  Array.from(
    { length: 24 },
    (_, n) => `{"n":${100 + n},"p":"${'é'.repeat((n * 37) % 90)}"}${n % 5 ? '\n' : '\r\n\n'}`,
  ).join(''),
);

function memoryFile(bytes: Uint8Array): OpenFile {
  const stat = () => Promise.resolve({ identity: 'memory', size: bytes.length, modified: '0' });
  return {
    ...memorySource('memory', bytes),
    stat,
    statByName: stat,
    readInto(target, offset) {
      const part = bytes.subarray(offset, offset + target.length);
      target.set(part);
      return Promise.resolve(part.length);
    },
    close: () => Promise.resolve(),
  };
}

/** Numbers of the lines that lie wholly outside the damage, their line ends included. */
function intact(damaged: Uint8Array): string[] {
  const ids: string[] = [];
  let start = 0;
  for (let n = 0; start < FIXTURE.length; n++) {
    const end = FIXTURE.indexOf(10, start) + 1;
    const same = FIXTURE.subarray(start, end).every((byte, i) => byte === damaged[start + i]);
    // What stands before a line must still end in a line feed, or the line is glued to the one before.
    const separate = start === 0 || damaged[start - 1] === 10;
    const line = Buffer.from(FIXTURE.subarray(start, end)).toString();
    if (same && separate && line.trim() !== '') ids.push(/\d+/.exec(line)?.[0] ?? '');
    start = end;
  }
  return ids;
}

describe('a damaged log', () => {
  const inFolder = useFolder();
  // One file is sniffed by its content, whatever the damage: this is about reading on.
  const readers = [{ ...tinyReader, sniff: () => 1 }];

  async function read(bytes: Uint8Array, random: boolean): Promise<string[]> {
    const file = inFolder('log.jsonl');
    const openFile = (): Promise<OpenFile> => Promise.resolve(memoryFile(bytes));
    const ids: string[] = [];
    if (!random) {
      for await (const result of streamRecords(file, { readers, openFile })) ids.push(shortOf(result));
      return ids;
    }
    const source = await openTrajectorySource(file, { index: 'inProcess', readers, openFile });
    const { records } = await source.indexed();
    for (let index = records - 1; index >= 0; index--) ids.unshift(shortOf(await source.record(index)));
    source.dispose();
    return ids;
  }

  async function check(bytes: Uint8Array, random: boolean, where: string): Promise<void> {
    const found = await read(bytes, random);
    let at = 0;
    for (const id of intact(bytes)) {
      at = found.indexOf(id, at) + 1;
      assert.ok(at > 0, `${where}: record ${id} is lost; found ${found.join(' ')}`);
    }
  }

  beforeEach(() => writeFileSync(inFolder('log.jsonl'), FIXTURE));

  it('gives every intact record back after each of 10,000 flipped bytes', async () => {
    const seed = propertySeed();
    process.stdout.write(`[seed ${seed}]`);
    const below = seededRandom(seed);
    for (let turn = 0; turn < 10_000; turn++) {
      const bytes = FIXTURE.slice();
      const at = below(bytes.length);
      bytes[at] = (bytes[at] as number) ^ (1 + below(255));
      await check(bytes, turn % 4 === 0, `seed ${seed}, turn ${turn}, byte ${at}`);
    }
  }).timeout(120_000);

  it('gives every intact record back when cut at every byte', async () => {
    for (let length = 1; length <= FIXTURE.length; length++) {
      const bytes = FIXTURE.slice(0, length);
      if (bytes.some((byte) => byte > 32)) await check(bytes, length % 4 === 0, `cut at ${length}`);
    }
  }).timeout(60_000);
});
