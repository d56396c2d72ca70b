import assert from 'node:assert/strict';
import path from 'node:path/posix';
import { RawRuns } from '../../../../src/metrics/rawRun';
import type { FolderAccess, MetricContext } from '../../../../src/readers/metrics/metricReader';
import { mlflowFilesReader } from '../../../../src/readers/metrics/mlflowFiles';
import { metricRows } from '../../../support/readMetrics';

const META =
  "artifact_uri: file:///a\nexperiment_id: '7'\nrun_id: abc\nrun_name: \"ow\\u013a 'one'\"\nstatus: 3\ntags: []\n";
const FILES: Readonly<Record<string, string>> = {
  'meta.yaml': META,
  '../meta.yaml': "experiment_id: '7'\nname: 'it''s zoom'\n",
  'metrics/loss': '1000 0.5 1\n2000 nan 2\n3000 -inf 3\n4000 0.2',
  'metrics/val/acc': '1500 0.75\nwhat is this\n',
  'params/prompt': 'two\nlines',
  'tags/mlflow.parentRunId': 'root',
};

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

function access(files: Readonly<Record<string, string>>): FolderAccess {
  return {
    read: (file) => {
      const text = files[file];
      return Promise.resolve(text === undefined ? undefined : bytesOf(text));
    },
    list: (folder) => {
      const inside = Object.keys(files).filter((file) => file.startsWith(`${folder}/`));
      const names = inside.map((file) => path.relative(folder, file).split('/'));
      const entries = new Map(names.map(([name = '', ...rest]) => [name, rest.length > 0]));
      return Promise.resolve([...entries].map(([name, isFolder]) => ({ name, isFolder })));
    },
  };
}

async function read(files: Readonly<Record<string, string>>, signal?: AbortSignal): Promise<RawRuns> {
  const runs = new RawRuns();
  const context = { file: 'meta.yaml', ...(signal && { signal }) } as MetricContext;
  await mlflowFilesReader.read(access(files), runs, context);
  return runs;
}

describe('MLflow run as files', () => {
  it('tells the run, its settings and the lines of every metric', async () => {
    const { runs, damages } = await read(FILES);
    const [run] = runs;
    assert.deepEqual(run?.description, { id: 'abc', name: "owĺ 'one'", parent: 'root', group: "it's zoom" });
    assert.equal(run.state, 'finished');
    assert.deepEqual([...run.settings], [['prompt', 'two\nlines']]);
    // The last line of the first file has no end yet; a line without a step has step 0.
    assert.deepEqual(metricRows(run), [
      [1, { loss: 0.5 }],
      [2, { loss: NaN }],
      [3, { loss: -Infinity }],
      [0, { 'val/acc': 0.75 }],
    ]);
    assert.equal(run.wallTimes.at(3), 1.5);
    assert.equal(damages.length, 1);
  });

  it('is marked by the run’s own meta.yaml, not by the experiment’s', () => {
    const sniff = (file: string, text: string): number =>
      mlflowFilesReader.sniff({ path: file, head: bytesOf(text), lines: text.split('\n') });
    assert.equal(sniff('/mlruns/7/abc/meta.yaml', META), 1);
    assert.equal(sniff('/mlruns/7/meta.yaml', FILES['../meta.yaml'] ?? ''), 0);
    assert.equal(sniff('/mlruns/7/abc/other.yaml', META), 0);
  });

  it('reads what is there of a run that is cut anywhere, and stops when it is told to', async () => {
    const metric = FILES['metrics/loss'] ?? '';
    for (let length = 0; length < metric.length; length++) {
      const { runs } = await read({ ...FILES, 'metrics/loss': metric.slice(0, length) });
      const values = metricRows(runs[0]).flatMap(([, { loss }]) => (loss === undefined ? [] : [loss]));
      assert.deepEqual(
        values,
        [0.5, NaN, -Infinity].slice(0, metric.slice(0, length).split('\n').length - 1),
      );
    }
    await assert.rejects(read(FILES, AbortSignal.abort()), { code: 'cancelled' });
    assert.equal((await read({})).runs.length, 1);
  });
});
