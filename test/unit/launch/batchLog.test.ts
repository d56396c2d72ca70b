import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { readLoggedRollouts } from '../../../src/launch/batchLog';
import type { TrajectoryEvent } from '../../../src/trajectory/eventLog';
import { eventLine, headerLine } from '../../../src/trajectory/eventLog';
import { checkPropertyAsync } from '../../support/property';

const start = (id: string): TrajectoryEvent => ({ event: 'start', id, prompt: { user: 'q' } });
const text: TrajectoryEvent = { event: 'text', turn: 0, text: 'said "}" \u2028 {"event":"cancelled"}' };
const finished: TrajectoryEvent = { event: 'outcome', status: 'finished' };
const right: TrajectoryEvent = { event: 'verdict', correct: true, provenance: 'recomputed' };
const reward: TrajectoryEvent = { event: 'reward', parts: [] };

describe('readLoggedRollouts', () => {
  let file = '';
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'imcot-logged-'));
    file = path.join(folder, 'run.imcot.jsonl');
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const write = (...lines: readonly string[]): void =>
    writeFileSync(file, lines.map((line) => `${line}\n`).join(''));

  it('tells what ended and how, what was interrupted, and what has no score', async () => {
    write(
      headerLine(),
      eventLine(0, start('a')),
      eventLine(1, start('b')),
      eventLine(0, text),
      eventLine(0, finished),
      eventLine(2, start('c')),
      eventLine(0, right),
      eventLine(0, reward),
      eventLine(2, { event: 'error', message: 'm' }),
      eventLine(3, start('d')),
      eventLine(3, { event: 'outcome', status: 'turnLimit' }),
      eventLine(4, start('e')),
      eventLine(4, { event: 'cancelled' }),
      eventLine(9, { event: 'start', prompt: { user: 'without a name' } }),
    );
    const logged = await readLoggedRollouts(file);
    assert.deepEqual(logged, {
      nextTrajectory: 10,
      ended: new Map([
        ['a', 'finished'],
        ['c', 'error'],
        ['d', 'turnLimit'],
        ['e', 'cancelled'],
      ]),
      verdicts: new Map([['a', true]]),
      interrupted: [{ trajectory: 1, id: 'b' }],
      unscored: [{ trajectory: 3, id: 'd' }],
      hasHeader: true,
      damaged: 0,
    });
  });

  it('of several with one name tells the one that came to its own end, else the last', async () => {
    const ends = async (...events: readonly TrajectoryEvent[]): Promise<string | undefined> => {
      write(headerLine(), ...events.flatMap((event, t) => [eventLine(t, start('a')), eventLine(t, event)]));
      return (await readLoggedRollouts(file)).ended.get('a');
    };
    assert.equal(await ends({ event: 'error' }, finished, { event: 'cancelled' }), 'finished');
    assert.equal(await ends({ event: 'cancelled' }, { event: 'error' }), 'error');
    assert.equal(await ends({ event: 'error' }, { event: 'cancelled' }), 'cancelled');
  });

  it('counts damaged lines, and never takes a number that one of them has', async () => {
    const torn = eventLine(7, start('t')).slice(0, 30);
    write(
      headerLine(),
      'no JSON',
      eventLine(0, start('a')),
      torn,
      eventLine(0, text).slice(0, -9),
      '{"t":0}',
    );
    const { damaged, nextTrajectory, interrupted } = await readLoggedRollouts(file);
    assert.deepEqual([damaged, nextTrajectory, interrupted.length], [3, 8, 1]);
  });

  it('knows a log that was cut off before its head, and refuses what is no log', async () => {
    writeFileSync(file, '');
    assert.equal((await readLoggedRollouts(file)).hasHeader, false);
    writeFileSync(file, headerLine().slice(0, 8));
    assert.equal((await readLoggedRollouts(file)).hasHeader, false);
    write('{"imcot":2}');
    await assert.rejects(readLoggedRollouts(file), { code: 'input', message: /version 2/ });
    write('{"question":"q"}');
    await assert.rejects(readLoggedRollouts(file), { code: 'input', message: /must be its header/ });
    await assert.rejects(readLoggedRollouts(path.join(folder, 'none')), { code: 'missing' });
    await assert.rejects(readLoggedRollouts(file, AbortSignal.abort()), { code: 'cancelled' });
  });

  it('cut off at any byte, has ended what has its end and nothing else', async () => {
    const lines = [
      headerLine(),
      ...[0, 1, 2].map((t) => eventLine(t, start(`r${t}`))),
      ...[0, 1, 2].flatMap((t) => [eventLine(t, text), eventLine(t, finished), eventLine(t, right)]),
    ];
    const whole = new TextEncoder().encode(`${lines.join('\n')}\n`);
    await checkPropertyAsync(
      fc.asyncProperty(fc.nat(whole.length), fc.boolean(), async (length, closed) => {
        // As a crash leaves it, and as the next writer closes the torn line.
        const cut = whole.subarray(0, length);
        writeFileSync(file, closed ? Uint8Array.of(...cut, 10) : cut);
        const { ended, interrupted, nextTrajectory } = await readLoggedRollouts(file);
        const present = new TextDecoder().decode(cut).split('\n');
        const has = (t: number, event: TrajectoryEvent): boolean => present.includes(eventLine(t, event));
        for (const t of [0, 1, 2]) {
          const id = `r${t}`;
          assert.equal(ended.has(id), has(t, finished));
          const isOpen = interrupted.some((each) => each.id === id && each.trajectory === t);
          assert.equal(isOpen, has(t, start(id)) && !has(t, finished));
          if (has(t, start(id))) assert.ok(nextTrajectory > t);
        }
      }),
      { numRuns: 150 },
    );
  });
});
