import assert from 'node:assert/strict';
import { METRIC_READERS, metricReaderOf, sniffMetrics } from '../../../../src/readers/metrics/metricRegistry';
import { eventFile } from '../../../support/tfEvents';
import { runRecord, wandbFile } from '../../../support/wandbRun';

function formatOf(path: string, content: string | Uint8Array): string | undefined {
  const head = typeof content === 'string' ? new TextEncoder().encode(content) : content;
  const lines = typeof content === 'string' ? content.split('\n').slice(0, -1) : [];
  return sniffMetrics({ path, head, lines })?.format;
}

describe('the readers of metrics', () => {
  it('each tell their own files', () => {
    const events = eventFile([{ fileVersion: 'brain.Event:2' }]);
    assert.equal(formatOf('events.out.tfevents.1.node01', events), 'tensorboard');
    assert.equal(formatOf('run-x.wandb', wandbFile([runRecord('x')])), 'wandb');
    assert.equal(formatOf('a.jsonl', '{"step":1,"data":{"a":1}}\n'), 'verl-file-logger');
    assert.equal(formatOf('logging.jsonl', '{"loss":1,"global_step/max_steps":"1/2"}\n'), 'swift-logging');
    assert.equal(formatOf('trainer_state.json', '{"log_history": [{"step": 1}]}\n'), 'trainer-state');
    assert.equal(formatOf('fig3.json', '{"curves": {"a": [[0, 1]]}}\n'), 'curves-json');
    assert.equal(formatOf('train.log', 'hello\nstep:1 - a:1\n'), 'verl-console');
    assert.equal(formatOf('metrics.jsonl', '{"step":1,"a":0.5}\n'), 'metrics-jsonl');
  });

  it('leave alone what holds no metrics', () => {
    assert.equal(formatOf('notes.txt', 'buy milk\n'), undefined);
    assert.equal(formatOf('rollouts.jsonl', '{"input":"a","output":"b","score":1}\n'), undefined);
    assert.equal(formatOf('x.bin', Uint8Array.from([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12])), undefined);
    assert.equal(formatOf('empty', ''), undefined);
  });

  it('are found by their format, one for each', () => {
    for (const reader of METRIC_READERS) assert.equal(metricReaderOf(reader.format), reader);
  });
});
