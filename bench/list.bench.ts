import { fork } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { loadavg } from 'node:os';
import path from 'node:path';
import { writeGroupedDump } from '../test/support/groupedDump';
import { median, report } from './harness';
import type { PageTimes } from './list/page';
import { DRAG_MS, measurePage, WHEEL_MS, WHEEL_PIXELS } from './list/page';
import type { TableTimes } from './list/rowsChild';
import { buildProgram, CACHE, ROOT } from './programs';

/* The trajectory editor's list: its table over a million rollouts, its page over a hundred thousand. */

const MANY = 1_000_000;
const FEW = 100_000;
const FILTER_MS = 1500;
const SORT_MS = 2000;

const milliseconds = (what: string, value: number) => ({ what, value, unit: 'ms' });
const load = (): string =>
  `Load of the machine at the start: ${(loadavg()[0] ?? NaN).toFixed(1)}; times mean something on a quiet one only.`;

async function dump(count: number): Promise<string> {
  const file = path.join(CACHE, `groups-${count}.jsonl`);
  if (existsSync(file)) return file;
  await writeGroupedDump(`${file}.part`, count);
  renameSync(`${file}.part`, file);
  return file;
}

function askTable(program: string, file: string): Promise<TableTimes> {
  return new Promise((resolve, reject) => {
    const child = fork(program, [file, path.join(ROOT, 'dist/rowsWorker.js')], { execArgv: [] });
    child.once('message', (answer) => resolve(answer as TableTimes));
    child.once('exit', (code) => reject(new Error(`the process ended with ${code}`)));
  });
}

async function measureTable(): Promise<void> {
  const told = load();
  const program = path.join(CACHE, 'rowsChild.js');
  await buildProgram('bench/list/rowsChild.ts', program);
  const file = await dump(MANY);
  const { queries, records, reading, reports, longestSilence, cancel, peakMib } = await askTable(
    program,
    file,
  );
  report({
    name: 'List of a million rollouts: filter, sort, groups',
    how: [
      `${records.toLocaleString('en')} rollouts of a synthetic run in groups of 16, ${(statSync(file).size / 1e6).toFixed(0)} MB of short lines; read once by the thread that holds the list’s table, then asked.`,
      'Each answer: the place of every record found, how many are judged and right; median of 5, from asking in another thread until the answer is there.',
      'Giving up: a newer question 50 ms after one that makes all groups and rewards anew, the longest time until the older one has ended.',
      told,
    ],
    measurements: [
      milliseconds('reading the log once', reading),
      { what: 'records read in a second', value: (records / reading) * 1000, unit: '' },
      { what: 'reports of progress meanwhile', value: reports, unit: '' },
    ],
    ratios: [],
    limits: [
      ...Object.entries(queries).map(([what, value]) => ({
        ...milliseconds(what, value),
        atMost: /sort/.test(what) ? SORT_MS : FILTER_MS,
      })),
      { ...milliseconds('giving up a question', cancel), atMost: 100 },
      { ...milliseconds('longest time without a report of progress', longestSilence), atMost: 1000 },
      { what: 'peak memory of the process', value: peakMib, unit: 'MiB', atMost: 700 },
    ],
  });
}

async function measurePages(): Promise<void> {
  const told = load();
  const rounds = await measurePage(await dump(FEW), true);
  const [many] = await measurePage(await dump(MANY), false);
  const [first] = rounds;
  if (!first || !many) throw new Error('nothing was measured');
  const of = (read: (times: PageTimes) => number): number => median(rounds.map(read));
  const most = (read: (times: PageTimes) => number): number => Math.max(...rounds.map(read));
  report({
    name: 'Page of the trajectory editor over 100,000 rollouts',
    how: [
      `The built page in Chromium ${first.browser} without a GPU, 1440 x 900, under its own policy; behind it, in one process, the editor’s own source, session, images and list with their threads. The workbench and its message channel are not there: messages go through the browser’s debugger.`,
      `Times are the page’s own clock. First paint: from when its script had arrived, so its whole run counts, until a row of the list, the question and its heading are on screen; median of ${rounds.length} openings, each with nothing kept.`,
      'A key: from the browser’s stamp on the press until the frame after the one that drew the change; the largest of all presses.',
      `Scrolled from the first row to the last within ${DRAG_MS / 1000} s, and by ${WHEEL_PIXELS} pixels a second for ${WHEEL_MS / 1000} s as with a wheel. Blank: a row shows neither its record nor its number. While the bar is dragged through everything, rows pass faster than any answer comes and show their numbers alone.`,
      told,
    ],
    measurements: [
      milliseconds(
        'host: open the log, answer its first 100 rows',
        of(({ hostStart }) => hostStart),
      ),
      milliseconds(
        'key to the next part, median',
        of(({ keys }) => keys.median),
      ),
      milliseconds(
        'key to the next rollout chosen in the list, median',
        of(({ rollouts }) => rollouts.median),
      ),
      milliseconds(
        'dragged: longest without any record’s content',
        most(({ scrolled }) => scrolled.withoutContent),
      ),
      milliseconds(
        'dragged: from the end until all rows have their content',
        of(({ scrolled }) => scrolled.settled),
      ),
    ],
    ratios: [],
    limits: [
      {
        ...milliseconds(
          'first paint of real content',
          of(({ firstPaint }) => firstPaint),
        ),
        atMost: 500,
      },
      {
        ...milliseconds(
          'key to the next part drawn',
          most(({ keys }) => keys.most),
        ),
        atMost: 100,
      },
      {
        ...milliseconds(
          'key to the next rollout chosen',
          most(({ rollouts }) => rollouts.most),
        ),
        atMost: 100,
      },
      {
        ...milliseconds(
          'dragged end to end: longest blank',
          most(({ scrolled }) => scrolled.blank),
        ),
        atMost: 200,
      },
      {
        ...milliseconds(
          'by the wheel: longest without any record’s content',
          most(({ wheeled }) => wheeled.withoutContent),
        ),
        atMost: 200,
      },
      {
        ...milliseconds('a million rows dragged end to end: longest blank', many.scrolled.blank),
        atMost: 200,
      },
      {
        what: 'rows of a million not reached at the end',
        value: MANY - 1 - Number(many.lastRow.replace(/\D/g, '')),
        unit: '',
        atMost: 0,
      },
      { what: 'heap of the page', value: most(({ heap }) => heap), unit: 'MiB', atMost: 150 },
      { what: 'heap of the page over a million rows', value: many.heap, unit: 'MiB', atMost: 150 },
    ],
  });
}

async function main(): Promise<void> {
  mkdirSync(CACHE, { recursive: true });
  await measureTable();
  await measurePages();
  if (process.env['KEEP'] === undefined) rmSync(CACHE, { recursive: true, force: true });
}

void main().catch((error: unknown) => {
  process.stderr.write(`${String(error)}\n`);
  process.exitCode = 1;
});
