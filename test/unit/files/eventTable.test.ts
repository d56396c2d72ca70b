import assert from 'node:assert/strict';
import { appendFileSync, closeSync, openSync, writeFileSync, writeSync } from 'node:fs';
import type { RecordResult, TrajectoryReader } from '../../../src/readers/reader';
import { openTrajectorySource } from '../../../src/files/openSource';
import { streamRecords } from '../../../src/files/streamRecords';
import { useFolder } from './support/tinyLog';

const HEADER = '{"imcot":1}\n';

/** Gives the `v` of every event, and `?` for a damaged one, as the reason of a bad row: all that is looked at here. */
const valuesReader: TrajectoryReader = {
  format: 'imcot',
  label: 'events',
  layout: 'events',
  sniff: () => 1,
  read(values, { file, index, bytes }): RecordResult {
    const reason = values.map((value) => String((value as { v?: unknown } | undefined)?.v ?? '?')).join('');
    return { status: 'bad', reason, file, index, bytes };
  },
};

const reasonOf = (result: RecordResult): string => (result.status === 'bad' ? result.reason : '');
const event = (t: number, v: string, padding = 0): string =>
  `{"t":${t},"v":"${v}","p":"${'x'.repeat(padding)}"}\n`;

describe('an event log', () => {
  const inFolder = useFolder();
  const readers = [valuesReader];

  async function both(text: string): Promise<string[]> {
    const file = inFolder('run.imcot.jsonl');
    writeFileSync(file, text);
    const source = await openTrajectorySource(file, { index: 'inProcess', readers });
    const { records } = await source.indexed();
    const found = (await source.records(0, records)).map(reasonOf);
    source.dispose();
    const streamed: string[] = [];
    for await (const result of streamRecords(file, { readers })) streamed.push(reasonOf(result));
    assert.deepEqual(streamed, found);
    return found;
  }

  it('is one record for each trajectory, whose lines may stand anywhere', async () => {
    const text = event(0, 'a') + event(7, 'x') + event(0, 'b') + '\n' + event(7, 'y') + event(0, 'c');
    assert.deepEqual(await both(HEADER + text), ['abc', 'xy']);
    assert.deepEqual(await both(text), ['abc', 'xy']);
    assert.deepEqual(await both(`\ufeff${HEADER}${text}`), ['abc', 'xy']);
  });

  it('keeps the trajectories of logs apart that stand one behind the other', async () => {
    const text = HEADER + event(0, 'a') + event(0, 'b');
    assert.deepEqual(await both(text + text), ['ab', 'ab']);
  });

  it('tells lines apart that cross the pieces in which it is read', async () => {
    const parts = Array.from({ length: 40 }, (_, i) =>
      event(i % 3, String.fromCharCode(97 + (i % 26)), 65_520 + (i % 17)),
    );
    const expected = [0, 1, 2].map((t) =>
      parts.flatMap((_, i) => (i % 3 === t ? [String.fromCharCode(97 + (i % 26))] : [])).join(''),
    );
    assert.deepEqual(await both(HEADER + parts.join('')), expected);
  });

  it('leaves a damaged event in its place, and makes a line without a name a record', async () => {
    const text = HEADER + event(0, 'a') + '{"t":0,"v":\n' + 'no JSON\n' + event(0, 'c');
    const found = await both(text);
    assert.equal(found[0], 'a?c');
    assert.match(found[1] ?? '', /damaged/);
    assert.equal(found.length, 2);
  });

  it('refuses a log of a later version', async () => {
    await assert.rejects(both('{"imcot":99}\n'), /version 99/);
  });

  it('grows, with a last event that has no end yet', async () => {
    const file = inFolder('run.imcot.jsonl');
    writeFileSync(file, HEADER + event(0, 'a'));
    const source = await openTrajectorySource(file, { index: 'inProcess', readers });
    await source.indexed();
    assert.equal(reasonOf(await source.record(0)), 'a');
    appendFileSync(file, '{"t":0,"v":"b"');
    await source.refresh();
    assert.equal(reasonOf(await source.record(0)), 'a');
    assert.equal(source.state.incompleteTail, 14);
    appendFileSync(file, '}');
    await source.refresh();
    assert.equal(reasonOf(await source.record(0)), 'ab');
    appendFileSync(file, `\n${event(0, 'c')}${event(1, 'x').trimEnd()}`);
    await source.refresh();
    assert.equal(source.state.records, 2);
    assert.equal(reasonOf(await source.record(0)), 'abc');
    assert.equal(reasonOf(await source.record(1)), 'x');
    assert.equal(source.state.generation, 0);
    assert.equal(source.state.incompleteTail, 0);
    source.dispose();
  });
});

describe('a large event log', () => {
  const inFolder = useFolder();

  it('is indexed without holding the asking thread up, in little memory', async function () {
    this.timeout(60_000);
    const file = inFolder('streamed.imcot.jsonl');
    const descriptor = openSync(file, 'w');
    writeSync(descriptor, HEADER);
    // A line for every word, eight rollouts at a time: the shortest lines that a recorder writes.
    const block = Array.from({ length: 200_000 }, (_, i) => `{"t":${i % 8},"event":"text","text":" a"}\n`);
    for (let round = 0; round < 5; round++) writeSync(descriptor, block.join(''));
    closeSync(descriptor);
    const heapBefore = process.memoryUsage().heapUsed;
    // One long turn is forgiven: the machine may have had something else to do.
    let stalls: number[] = [];
    let last = performance.now();
    let timer: NodeJS.Immediate;
    const tick = (): void => {
      stalls.push(performance.now() - last);
      last = performance.now();
      timer = setImmediate(tick);
    };
    timer = setImmediate(tick);
    const source = await openTrajectorySource(file, { index: 'inProcess', readers: [valuesReader] });
    const { records } = await source.indexed();
    clearImmediate(timer);
    stalls = stalls.filter((stall) => stall >= 50);
    const heap = process.memoryUsage().heapUsed - heapBefore;
    source.dispose();
    assert.equal(records, 8);
    assert.ok(stalls.length <= 1, `stalls of ${stalls.join(', ')} ms`);
    assert.ok(heap < 60e6, `a million lines took ${heap} bytes`);
  });
});
