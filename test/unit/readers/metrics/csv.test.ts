import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { nodeMetricCodecs } from '../../../../src/files/metricCodecs';
import { RawRuns } from '../../../../src/metrics/rawRun';
import { csvReader } from '../../../../src/readers/metrics/csv';
import { isTwinKey } from '../../../../src/readers/metrics/csvColumns';
import { seeded } from '../../../support/mutations';
import { metricRows, readMetrics, sniffMetrics } from '../../../support/readMetrics';

const GOLDEN = path.join(__dirname, '../../../golden/logs/csv');
const golden = (name: string): Uint8Array => readFileSync(path.join(GOLDEN, name)) as Uint8Array;
const EXPORT = golden('wandb_export_semicolon_bom.csv');
const LIGHTNING = golden('lightning.csv');

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

const plain = async (text: string): Promise<ReturnType<typeof metricRows>> =>
  metricRows((await readMetrics(csvReader, text)).runs[0]);

describe('metrics as a table', () => {
  it('of W&B’s export: a run for each name, decimal commas, a byte order mark, CRLF', async () => {
    const { runs, damages } = await readMetrics(csvReader, EXPORT);
    assert.deepEqual(damages, []);
    assert.deepEqual(
      runs.map(({ description, rowCount }) => [description, rowCount]),
      [
        [{ name: 'deepeyes_slate-otter-93' }, 80],
        [{ name: 'amber-ibis-40' }, 60],
      ],
    );
    const [step, values] = metricRows(runs[0])[0] ?? [];
    assert.equal(step, 1);
    assert.equal(values?.['agent/tool_call_mean'], 0.6701972070711313);
    assert.equal(values['agent/tool_call_mean__MAX'], 0.6701972070711313);
    assert.deepEqual(
      Object.keys(values).filter((key) => !isTwinKey(key)),
      ['critic/score/mean', 'agent/tool_call_mean', 'actor/grad_norm'],
    );
    const [start, end] = [runs[1]?.starts.at(0), runs[1]?.ends.at(0)];
    assert.match(textOf(EXPORT.subarray(start, end)), /^1;1,1340064037624473;[^\r\n]*$/);
  });

  it('of Lightning: rows of one step one after another, each with what it has', async () => {
    const { runs, damages } = await readMetrics(csvReader, LIGHTNING);
    assert.deepEqual(damages, []);
    const rows = metricRows(runs[0]);
    assert.equal(rows.length, 88);
    assert.deepEqual(rows[0], [1, { epoch: 0, zooms: 0.6701972070711313 }]);
    assert.deepEqual(rows[87], [80, { epoch: 7, val_iou: 0.34717817053150274 }]);
  });

  it('of pandas: its index is no curve, and the step where there is no other', async () => {
    assert.deepEqual(await plain(',a\n0,1\n1,NaN\n'), [
      [0, { a: 1 }],
      [1, { a: NaN }],
    ]);
    assert.deepEqual(await plain('Unnamed: 0,epoch,train/global_step,a\n0,1,50,-inf\n'), [
      [50, { epoch: 1, a: -Infinity }],
    ]);
  });

  it('finds the step by its name, and the x axis of an export that is drawn over another key', async () => {
    assert.deepEqual(await plain('epoch,loss,acc\n1,0.5,True\n'), [[1, { loss: 0.5, acc: 1 }]]);
    assert.deepEqual(await plain('loss,global_step,epoch\n2,10,1\n'), [[10, { loss: 2, epoch: 1 }]]);
    const { runs } = await readMetrics(
      csvReader,
      'tokens,a - b - k,a - b - k__MIN,a - b - k__MAX\n7,1,0,2\n',
    );
    assert.deepEqual(runs[0]?.description, { name: 'a - b' });
    assert.deepEqual(metricRows(runs[0]), [[7, { k: 1, k__MIN: 0, k__MAX: 2 }]]);
  });

  it('takes tabs, thousands, quotes, times, words and letters of any kind', async () => {
    const text =
      'Wall time\tStep\t"grö\tße"\tn\tword\n1772478336.5\t3\t1e-3\t12,345\t灯\n1772478337\t4\t.5\t0\t\n';
    const { runs } = await readMetrics(csvReader, text, { piece: 3 });
    assert.deepEqual(metricRows(runs[0]), [
      [3, { 'grö\tße': 0.001, n: 12345 }],
      [4, { 'grö\tße': 0.5, n: 0 }],
    ]);
    assert.equal(runs[0]?.wallTimes.at(0), 1772478336.5);
    assert.deepEqual(runs[0]?.texts.get('word'), ['灯']);
  });

  it('that is cut at any byte gives every whole row, and no number that is only begun', async () => {
    const whole = metricRows((await readMetrics(csvReader, LIGHTNING)).runs[0]);
    for (let length = 0; length < LIGHTNING.length; length++) {
      const piece = LIGHTNING.subarray(0, length);
      const { runs } = await readMetrics(csvReader, piece, { piece: 1 + (length % 97) });
      const rows = metricRows(runs[0]);
      const complete = Math.max(0, textOf(piece).split('\n').length - 2);
      assert.deepEqual(rows.slice(0, complete), whole.slice(0, complete), `cut at ${length}`);
      for (const [index, [step, values]] of rows.entries()) {
        const [wanted, all] = whole[index] ?? [];
        if (step !== undefined) assert.equal(step, wanted);
        for (const [key, value] of Object.entries(values))
          assert.equal(value, all?.[key], `${key}, cut at ${length}`);
      }
    }
  });

  it('that grows gives its rows once, and holds back the one that has not ended', async () => {
    const { runs } = await readMetrics(csvReader, 'step,a\n1,2\n2,3', { finish: false });
    assert.deepEqual(metricRows(runs[0]), [[1, { a: 2 }]]);
    const more = new RawRuns();
    const stream = csvReader.start(more, { file: 'a.csv', codecs: nodeMetricCodecs });
    stream.write(bytesOf('\u{feff}step,a\r\n1,2\r\n2,3'));
    assert.equal(stream.pending, 3);
    assert.equal(more.runs[0]?.rowCount, 1);
    stream.write(bytesOf('\r\n'));
    stream.finish();
    assert.deepEqual(metricRows(more.runs[0]).at(-1), [2, { a: 3 }]);
  });

  it('says which row is too wide, never closed or flipped, and throws nothing', async () => {
    const { runs, damages } = await readMetrics(csvReader, 'step,a\n1,2,3\n2,2\n3,"4\n');
    assert.deepEqual(metricRows(runs[0]), [[2, { a: 2 }]]);
    assert.deepEqual(
      damages.map(({ start, end }) => [start, end]),
      [
        [7, 12],
        [17, 22],
      ],
    );
    const random = seeded(5);
    for (let round = 0; round < 500; round++) {
      const bytes = Uint8Array.from(EXPORT.subarray(0, 6000));
      for (let flips = 0; flips < 4; flips++) bytes[random(bytes.length)] = random(256);
      await readMetrics(csvReader, bytes, { piece: 1 + random(2000) });
    }
  });

  it('is told from other tables and from prose', () => {
    const sniff = (file: string, text: string | Uint8Array): number => sniffMetrics(csvReader, file, text);
    assert.equal(sniff('a.csv', EXPORT), 0.9);
    assert.equal(sniff('metrics.csv', LIGHTNING), 0.9);
    assert.equal(sniff('metrics.csv', 'epoch,step,loss\n'), 0.4);
    assert.equal(sniff('metrics', 'epoch,step,loss\n1,2,3\n'), 0.5);
    assert.equal(sniff('q.csv', 'image,question,answer\na.png,"how many, in all?",three\n'), 0);
    assert.equal(sniff('a.log', 'Loading, please wait\nDone, at last\n'), 0);
    assert.equal(sniff('a.csv', '1,2\n3,4\n'), 0);
    assert.equal(
      sniff(
        'a.csv',
        Uint8Array.from('step,a\n1,2\n', (char) => char.charCodeAt(0)).map((byte, at) =>
          at === 3 ? 0 : byte,
        ),
      ),
      0,
    );
  });
});
