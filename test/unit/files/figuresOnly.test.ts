import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { SummaryBuilder } from '../../../src/analysis/summary';
import { findSources } from '../../../src/files/findSources';
import { streamRecords } from '../../../src/files/streamRecords';

const ROOT = path.resolve(__dirname, '../../..');

/** The figures of a log, and which of its records are bad and why. */
async function figures(files: readonly string[], figuresOnly: boolean) {
  const builder = new SummaryBuilder();
  const steps: (number | undefined)[] = [];
  const bad: (readonly [number, string])[] = [];
  for await (const result of streamRecords(files, { figuresOnly })) {
    if (result.status === 'bad') bad.push([result.index, result.reason]);
    else {
      builder.add(result.trajectory, 'g');
      steps.push(result.trajectory.step);
    }
  }
  return { summary: builder.summary(), groups: builder.groupSummaries(), steps, bad };
}

describe('reading for figures alone', () => {
  it('gives the figures and the bad records of reading everything, for every format', async () => {
    const { sources } = await findSources([
      path.join(ROOT, 'media/demo/samples'),
      path.join(ROOT, 'test/fixtures'),
    ]);
    const formats = new Set(sources.map(({ format }) => format));
    assert.ok(formats.size >= 4, [...formats].join());
    for (const { path: name, files } of sources) {
      assert.deepEqual(await figures(files, true), await figures(files, false), name);
    }
  });

  it('calls the same records of a dump bad', async () => {
    const folder = await mkdtemp(path.join(os.tmpdir(), 'figures-'));
    try {
      const record = {
        step: 1,
        prompt: 'p',
        response: 'r',
        response_tokens: ['r'],
        logprobs: [0],
        reward: 0,
      };
      const odd = [
        record,
        { ...record, response: 1 },
        { ...record, response_tokens: [1, null] },
        { ...record, logprobs: 'no list' },
        { ...record, prompt: null },
        { ...record, extra: { deep: [[]] } },
      ];
      const file = path.join(folder, 'rollout_data_rank0.jsonl');
      await writeFile(file, odd.map((row) => `${JSON.stringify(row)}\n`).join('') + '{"step": \n');
      const quick = await figures([file], true);
      assert.deepEqual(quick, await figures([file], false));
      assert.deepEqual(
        quick.bad.map(([index]) => index),
        [1, 4, 6],
      );
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
