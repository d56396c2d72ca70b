import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ImcotError } from '../../../src/common/errors';
import { parseJson } from '../../../src/common/json';
import { imcotReader } from '../../../src/readers/trajectories/imcot';
import { eventKey } from '../../../src/readers/trajectories/imcotEvents';
import type { EventSink } from '../../../src/rollout/recorder';
import { INLINE_IMAGE_BYTES, Recorder } from '../../../src/rollout/recorder';
import { EventLogFile } from '../../../src/rollout/recorderFile';
import { codecs, readGood } from '../../support/readRecords';

const small = Uint8Array.from({ length: 40 }, (_, index) => index);
const large = Uint8Array.from({ length: INLINE_IMAGE_BYTES + 1 }, (_, index) => index % 251);

/** Values of the lines of each trajectory of a log. */
function trajectoriesOf(text: string): Map<number, unknown[]> {
  const found = new Map<number, unknown[]>();
  for (const line of text.split('\n').slice(0, -1)) {
    const key = eventKey(new TextEncoder().encode(line));
    const parsed = parseJson(line);
    assert.ok(parsed.ok, line);
    if (typeof key === 'number') found.set(key, [...(found.get(key) ?? []), parsed.value]);
  }
  return found;
}

describe('recorder', () => {
  let folder = '';
  beforeEach(() => (folder = mkdtempSync(path.join(tmpdir(), 'imcot-recorder-'))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('writes interleaved trajectories that the reader reads', async () => {
    const file = path.join(folder, 'run.imcot.jsonl');
    const sink = await EventLogFile.create(file);
    const recorder = new Recorder(sink, { sha256: codecs.sha256, now: () => '2026-01-02T03:04:05.678Z' });
    void recorder.header({ writer: 'test' });
    const a = recorder.start({
      prompt: { user: 'qa', images: [{ kind: 'bytes', bytes: large, mediaType: 'image/png' }] },
    });
    const b = recorder.start({ prompt: { user: 'qb' }, model: 'm', settings: { seed: 1 } });
    // Not awaited on purpose: the order of the calls has to be that of the lines, images or not.
    void a.record({ event: 'text', turn: 0, text: '<think>a' });
    void b.record({ event: 'text', turn: 0, text: 'only b' });
    void a.observe({
      turn: 0,
      raw: 'crops',
      images: [
        { kind: 'bytes', bytes: large, mediaType: 'image/png' },
        { kind: 'bytes', bytes: small, mediaType: 'image/jpeg' },
        { kind: 'bytes', bytes: small, mediaType: 'image/jpeg' },
      ],
    });
    void a.record({ event: 'text', turn: 1, text: '<answer>' });
    void a.record({ event: 'text', turn: 1, text: 'A</answer>' });
    await Promise.all([
      a.record({ event: 'outcome', status: 'finished', prediction: 'A' }),
      b.record({ event: 'error', message: 'server gone' }),
    ]);
    await sink.close();

    const text = readFileSync(file, 'utf8');
    assert.equal(text.split('\n')[0], '{"imcot":1,"writer":"test"}');
    const lines = trajectoriesOf(text);
    assert.deepEqual([...lines.keys()].sort(), [0, 1]);
    const first = readGood(imcotReader, ...(lines.get(0) ?? []));
    const hash = codecs.sha256(large);
    const beside = { kind: 'file', path: `run.images/${hash}.png` } as const;
    const inside = { kind: 'inline', hash: codecs.sha256(small), mediaType: 'image/jpeg' } as const;
    assert.deepEqual(first.trajectory.prompt.images, [beside]);
    assert.deepEqual(first.trajectory.turns[0]?.observation?.images, [beside, inside, inside]);
    assert.deepEqual([...first.images], [[inside.hash, small]]);
    assert.deepEqual(
      first.trajectory.turns.map((turn) => turn.raw),
      ['<think>a', '<answer>A</answer>'],
    );
    assert.equal(first.trajectory.prediction, 'A');
    assert.deepEqual(readdirSync(path.join(folder, 'run.images')), [`${hash}.png`]);
    assert.deepEqual(new Uint8Array(readFileSync(path.join(folder, beside.path))), large);
    assert.equal(text.match(/"data":/g)?.length, 1, 'a repeated image is written once');

    const second = readGood(imcotReader, ...(lines.get(1) ?? [])).trajectory;
    assert.deepEqual(second.outcome, { status: 'error', reason: 'server gone' });
    assert.deepEqual(
      [...second.extras],
      [
        ['model', 'm'],
        ['settings', { seed: 1 }],
      ],
    );
  });

  it('does not write over a file, and goes on with one behind a torn line', async () => {
    const file = path.join(folder, 'old.imcot.jsonl');
    writeFileSync(file, '{"imcot":1}\n{"t":0,"event":"start","prompt":{"user":"q"}}\n{"t":0,"event":"te');
    await assert.rejects(EventLogFile.create(file), (error: ImcotError) => error.code === 'usage');
    await assert.rejects(EventLogFile.resume(`${file}x`), (error: ImcotError) => error.code === 'missing');
    const sink = await EventLogFile.resume(file);
    const recorder = new Recorder(sink, { sha256: codecs.sha256, firstTrajectory: 1 });
    await recorder.start({ prompt: { user: 'next' } }).started;
    await sink.close();
    assert.deepEqual(readFileSync(file, 'utf8').split('\n').slice(2), [
      '{"t":0,"event":"te',
      '{"t":1,"event":"start","prompt":{"user":"next"}}',
      '',
    ]);
  });

  it('refuses everything after the file was closed, with a sentence', async () => {
    const sink = await EventLogFile.create(path.join(folder, 'a.imcot.jsonl'));
    const trajectory = new Recorder(sink, { sha256: codecs.sha256 }).start({ prompt: { user: 'q' } });
    await trajectory.started;
    await sink.close();
    await assert.rejects(trajectory.record({ event: 'text', turn: 0, text: 'x' }), /was closed/);
  });

  it('lets no event follow one that could not be written', async () => {
    const lines: string[] = [];
    const sink: EventSink = {
      append: (line) => {
        if (line.includes('fail')) return Promise.reject(new ImcotError('denied', 'The disk is full.'));
        lines.push(line);
        return Promise.resolve();
      },
      writeImage: () => Promise.reject(new Error('unused')),
    };
    const trajectory = new Recorder(sink, { sha256: codecs.sha256 }).start({ prompt: { user: 'q' } });
    const failed = trajectory.record({ event: 'text', turn: 0, text: 'fail' });
    const later = trajectory.record({ event: 'text', turn: 0, text: 'later' });
    await assert.rejects(failed, /disk is full/);
    await assert.rejects(later, /disk is full/);
    assert.equal(lines.length, 1);
  });

  it('makes each image file once, also for requests at the same time', async () => {
    const sink = await EventLogFile.create(path.join(folder, 'b.jsonl'));
    const hash = codecs.sha256(large);
    const paths = await Promise.all([1, 2, 3].map(() => sink.writeImage(hash, 'image/webp', large)));
    assert.deepEqual(new Set(paths), new Set([`b.images/${hash}.webp`]));
    assert.deepEqual(readdirSync(path.join(folder, 'b.images')), [`${hash}.webp`]);
    await sink.close();
  });
});
