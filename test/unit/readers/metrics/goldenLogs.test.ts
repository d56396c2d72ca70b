import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parseJson } from '../../../../src/common/json';
import { mergeRestarts } from '../../../../src/metrics/mergeRestarts';
import type { RawRun } from '../../../../src/metrics/rawRun';
import { sniffMetrics } from '../../../../src/readers/metrics/metricRegistry';
import { metricRows, numbersOf, readMetrics } from '../../../support/readMetrics';
import { WANDB_CODECS } from '../../../support/wandbRun';

const LOGS = path.join(__dirname, '../../../golden/logs');

interface ExpectedRun {
  readonly run: { readonly run_id: string; readonly project: string; readonly display_name: string };
  readonly exitCode: number | null;
  readonly historyRows: number;
  readonly statsRows: number;
  readonly rows: readonly { readonly row: number; readonly items: Readonly<Record<string, string>> }[];
  readonly console: string;
}

type ExpectedEvents = readonly (readonly [number, number, Readonly<Record<string, number>>])[];

const expectedOf = (folder: string): unknown =>
  JSON.parse(readFileSync(path.join(LOGS, folder, 'expected.json'), 'utf8'));

async function readLog(file: string): Promise<{ run: RawRun; reasons: string[]; format: string }> {
  const bytes = new Uint8Array(readFileSync(path.join(LOGS, file)));
  const reader = sniffMetrics({ path: file, head: bytes.subarray(0, 65536), lines: [] });
  assert.ok(reader);
  const { runs, damages } = await readMetrics(reader, bytes, { piece: 5000, codecs: WANDB_CODECS });
  assert.equal(runs.length, 1);
  return { run: runs[0] as RawRun, reasons: damages.map(({ reason }) => reason), format: reader.format };
}

describe('W&B runs by the real writer', () => {
  for (const [name, expected] of Object.entries(expectedOf('wandb') as Record<string, ExpectedRun>)) {
    it(name, async () => {
      const { run, reasons, format } = await readLog(`wandb/${name}`);
      const { run_id: id, display_name, project: group } = expected.run;
      const isCut = name.includes('cut');
      assert.equal(format, 'wandb');
      assert.deepEqual(run.description, { id, name: display_name, group });
      assert.equal(run.state, expected.exitCode === 0 && !isCut ? 'finished' : 'running');
      assert.deepEqual(reasons, expected.exitCode === 0 && !isCut ? [] : ['The last record is cut off.']);
      const rows = metricRows(run).map(([step, values], index) => ({
        step,
        values,
        wall: run.wallTimes.at(index),
      }));
      const history = rows.filter(({ step }) => step !== undefined);
      if (!isCut) {
        assert.equal(history.length, expected.historyRows);
        assert.equal(rows.length, expected.historyRows + expected.statsRows);
      }
      assert.ok(`${run.texts.get('console')?.join('\n')}\n`.startsWith(expected.console));
      assert.deepEqual(run.settings.get('algorithm'), { adv_estimator: 'grpo' });
      let compared = 0;
      for (const { row, items } of expected.rows) {
        assert.ok(history[row]);
        compared += compareItems(history[row], items);
      }
      assert.ok(compared >= 150, `${compared}`);
    });
  }
});

/** Compares all numbers of a row with their JSON texts. */
function compareItems(
  row: {
    readonly step: number | undefined;
    readonly wall: number;
    readonly values: Readonly<Record<string, number>>;
  },
  items: Readonly<Record<string, string>>,
): number {
  const media = Object.keys(items).filter((key) => key.endsWith('._type'));
  const isMedia = (key: string): boolean =>
    media.some((type) => key.startsWith(type.slice(0, -'_type'.length)));
  const wanted: Record<string, number> = {};
  const add = (key: string, value: unknown): void => {
    if (typeof value === 'number') wanted[key] = value;
    else if (typeof value === 'boolean') wanted[key] = Number(value);
    else if (value === null) wanted[key] = NaN;
    else if (typeof value === 'object' && !Array.isArray(value) && !Object.hasOwn(value, '_type')) {
      for (const [name, inner] of Object.entries(value)) add(`${key}.${name}`, inner);
    }
  };
  for (const [key, json] of Object.entries(items)) {
    const parsed = parseJson(json);
    assert.ok(parsed.ok, json);
    if (!isMedia(key)) add(key, parsed.value);
  }
  const { _step: step, _timestamp: wall, ...values } = wanted;
  assert.equal(row.step, step);
  assert.equal(row.wall, wall);
  assert.deepEqual(row.values, values);
  return Object.keys(wanted).length;
}

describe('TensorBoard events by the real writer', () => {
  it('of a run that was started three times', async () => {
    const expected = expectedOf('tensorboard') as Record<string, ExpectedEvents>;
    const parts: RawRun[] = [];
    for (const name of Object.keys(expected).sort()) {
      const { run, reasons } = await readLog(`tensorboard/restarts/${name}`);
      assert.deepEqual(reasons, []);
      const events = expected[name] as ExpectedEvents;
      const told = [...run.series].flatMap(([tag, { rows, values }]) =>
        numbersOf(rows).map((row, index) => [
          tag,
          run.steps.at(row),
          run.wallTimes.at(row),
          values.at(index),
        ]),
      );
      const wanted = events.flatMap(([step, wall, values]) =>
        Object.entries(values).map(([tag, value]) => [tag, step, wall, value]),
      );
      const order = (a: readonly unknown[], b: readonly unknown[]): number =>
        JSON.stringify(a) < JSON.stringify(b) ? -1 : 1;
      assert.deepEqual(told.sort(order), wanted.sort(order));
      parts.push(run);
    }
    // Every start adds 1 to the values, so that they show which one counts.
    const [first, second, third] = Object.keys(expected)
      .sort()
      .map((name) => expected[name] as ExpectedEvents);
    const merged = mergeRestarts(parts);
    const curve = merged.series.get('agent/tool_call_mean');
    const last = new Map<number, number>();
    const purged = second?.[0]?.[0] as number;
    for (const [step, , values] of [
      ...(first ?? []).filter(([at]) => at < purged),
      ...(second ?? []),
      ...(third ?? []),
    ]) {
      const value = values['agent/tool_call_mean'];
      if (value !== undefined) last.set(step, value);
    }
    assert.deepEqual(
      new Map(Array.from(curve?.steps ?? [], (step, index) => [step, curve?.values[index]])),
      new Map([...last].sort(([a], [b]) => a - b)),
    );
    assert.deepEqual(merged.breaks.includes(purged), true);
    assert.equal(merged.breaks.length, 2);
  });
});
