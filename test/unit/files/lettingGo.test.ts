import assert from 'node:assert/strict';
import { readdirSync, readlinkSync, writeFileSync } from 'node:fs';
import { openTrajectorySource } from '../../../src/files/openSource';
import { numbered, tinyReader, useFolder } from './support/tinyLog';

/** Open descriptors of this process that lead into a folder; every watch of the system is one more. */
function descriptors(folder: string): number {
  return readdirSync('/proc/self/fd').filter((fd) => {
    try {
      const target = readlinkSync(`/proc/self/fd/${fd}`);
      return target.startsWith(folder) || target.includes('inotify');
    } catch {
      return false;
    }
  }).length;
}

const nextTurns = async (count: number): Promise<void> => {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve));
};

describe('letting a log go', () => {
  const inFolder = useFolder();
  before(function () {
    if (process.platform !== 'linux') this.skip();
  });

  it('leaves no descriptor and no watch behind, at whatever moment', async function () {
    this.timeout(30_000);
    const file = inFolder('log.jsonl');
    writeFileSync(file, numbered(0, 20_000, 'x'.repeat(100)));
    const folder = inFolder('.').replace(/\/\.?$/, '');
    const cycle = async (round: number): Promise<void> => {
      const source = await openTrajectorySource(file, {
        index: 'inProcess',
        readers: [tinyReader],
        follow: true,
        sidecarFolder: inFolder('kept'),
      });
      if (round % 3 === 0) await source.indexed();
      if (round % 3 === 1) await source.record(0);
      const late = source.record(19_999).catch(() => undefined);
      source.dispose();
      await late;
    };
    // The system's one notifier of a process comes with the first watch and stays.
    await cycle(0);
    await nextTurns(50);
    const before = descriptors(folder);
    for (let round = 0; round < 50; round++) await cycle(round);
    for (let wait = 0; wait < 100 && descriptors(folder) > before; wait++) await nextTurns(20);
    assert.equal(descriptors(folder), before);
  });
});
