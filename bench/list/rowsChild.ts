import { silentLogger } from '../../src/common/logger';
import type { RowQuery } from '../../src/protocol/listView';
import { RowsClient } from '../../src/rows/rowsClient';
import { median } from '../harness';

/*
 * A process that has the table of one log made by the thread of the editor and asks it. Arguments: the log, the built
 * worker. It sends one `TableTimes` and ends.
 */

/** What was measured of one table. Milliseconds, mebibytes. */
export interface TableTimes {
  readonly records: number;
  readonly reading: number;
  /** Reports of progress while it was read, and the longest time between two. */
  readonly reports: number;
  readonly longestSilence: number;
  /** From asking until the answer is here, median of five; by what was asked. */
  readonly queries: Readonly<Record<string, number>>;
  /** Longest time from a newer query until the one before it has ended, of each kind, worked on for 50 ms before. */
  readonly cancel: number;
  /** Largest resident set of the process, its worker included. */
  readonly peakMib: number;
}

const ROUNDS = 5;
const OTHER_FORMULA = 'deepeyes-math';
/** What is asked: filters, orders, and rewards by another formula than the log's own. */
const ASKED: Readonly<Record<string, readonly [query: RowQuery, formula?: string]>> = {
  'filter by numbers: zooms >= 2 && reward < 1': [{ text: 'zooms >= 2 && reward < 1' }],
  'filter by words: vending 77': [{ text: 'vending 77' }],
  'filter by a pattern of the question': [{ text: 'question matches "picture .*7[0-9]"' }],
  'filter by a figure of groups: advantage > 1': [{ text: 'advantage > 1' }],
  'sort by reward': [{ text: '', sort: { field: 'reward', descending: true } }],
  'sort by question': [{ text: '', sort: { field: 'question', descending: true } }],
  'sort by advantage': [{ text: '', sort: { field: 'advantage', descending: true } }],
  'filter and sort': [{ text: 'reward > 0', sort: { field: 'tokens', descending: false } }],
  'sort by reward, by another formula': [
    { text: '', sort: { field: 'reward', descending: true } },
    OTHER_FORMULA,
  ],
};

const pause = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));

async function cancelTime(client: RowsClient, query: RowQuery, formula?: string): Promise<number> {
  const slow = client.remote.query(query, formula).catch(() => undefined);
  await pause(50);
  const start = performance.now();
  const newer = client.remote.query({ text: 'index < 0' });
  await slow;
  const taken = performance.now() - start;
  await newer;
  return taken;
}

async function main(file: string, workerPath: string): Promise<void> {
  // The worker keeps no process alive.
  const held = setInterval(() => undefined, 1000);
  const client = new RowsClient(workerPath, silentLogger);
  await client.remote.open({ paths: [file] });
  const start = performance.now();
  let [told, reports, longestSilence] = [start, 0, 0];
  client.onReading(() => {
    reports++;
    longestSilence = Math.max(longestSilence, performance.now() - told);
    told = performance.now();
  });
  const found = await client.remote.query({ text: '' });
  const reading = performance.now() - start;
  if (found.status === 'error') throw new Error(found.message);
  const queries: Record<string, number> = {};
  let cancel = 0;
  for (const [what, [query, formula]] of Object.entries(ASKED)) {
    const times: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const begun = performance.now();
      await client.remote.query(query, formula);
      times.push(performance.now() - begun);
    }
    queries[what] = median(times);
    // A change of formula, or the first use of one, makes groups anew: the longest work of all.
    await client.remote.query({ text: 'index < 0' }, formula === undefined ? OTHER_FORMULA : undefined);
    cancel = Math.max(cancel, await cancelTime(client, query, formula));
  }
  const peakMib = process.resourceUsage().maxRSS / 1024;
  const answer: TableTimes = {
    records: found.scanned,
    reading,
    reports,
    longestSilence,
    queries,
    cancel,
    peakMib,
  };
  client.dispose();
  clearInterval(held);
  process.send?.(answer);
  process.disconnect();
}

void main(process.argv[2] ?? '', process.argv[3] ?? '');
