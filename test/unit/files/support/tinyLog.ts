import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { RecordResult, TrajectoryReader } from '../../../../src/readers/reader';

/** A reader of lines like `{"n":5}`: enough to see which records come back, in which order. */
export const tinyReader: TrajectoryReader = {
  format: 'chat',
  label: 'numbered lines',
  layout: 'lines',
  sniff: ({ values }) => (values.some((value) => numberOf(value) !== undefined) ? 1 : 0),
  read(values, { file, index, bytes }): RecordResult {
    const id = numberOf(values[0]);
    if (id === undefined) return { status: 'bad', reason: 'Expected a field "n".', file, index, bytes };
    return {
      status: 'ok',
      images: new Map(),
      trajectory: {
        origin: { file, index, bytes },
        id: String(id),
        prompt: { user: '', question: '', images: [] },
        turns: [],
        outcome: { status: 'finished' },
        frame: 'original',
        zoomVariant: 'evaluation',
        extras: new Map(),
      },
    };
  },
};

function numberOf(value: unknown): number | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const n = (value as { n?: unknown }).n;
  return typeof n === 'number' ? n : undefined;
}

/** What a record is, in short: its number, or `bad`. */
export function shortOf(result: RecordResult): string {
  return result.status === 'ok' ? (result.trajectory.id ?? '') : 'bad';
}

/** Numbered lines, `from` up to but not including `to`. */
export function numbered(from: number, to: number, padding = ''): string {
  let text = '';
  for (let n = from; n < to; n++) text += `{"n":${n},"p":"${padding}"}\n`;
  return text;
}

/** A folder of its own for each test of a suite; call it inside `describe`. */
export function useFolder(): (name: string) => string {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'imcot-files-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  return (name) => path.join(folder, name);
}

/** Whole numbers from 0 up to `below`, determined by a seed: a linear congruential generator, its upper bits. */
export function seededRandom(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}
