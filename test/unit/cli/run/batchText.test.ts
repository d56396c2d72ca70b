import assert from 'node:assert/strict';
import { batchLine } from '../../../../src/cli/run/batchText';
import { durationText, SpeedMeter } from '../../../../src/cli/run/figures';

const progress = {
  total: 160,
  done: 12,
  resumed: 4,
  running: 2,
  judged: 10,
  correct: 8,
  failed: 1,
  tokens: 900,
};

describe('figures of a batch', () => {
  it('stand on one line, with a bar for a person', () => {
    assert.equal(batchLine(progress, false), '12 of 160, 8 right, 2 wrong, 1 failed');
    const fast = { ...progress, done: 80, failed: 0, tokensPerSecond: 56.23 };
    assert.equal(
      batchLine(fast, true),
      `${'█'.repeat(10)}${'░'.repeat(10)} 80 of 160, 8 right, 2 wrong, 56.2 tokens/s`,
    );
    assert.equal(batchLine({ ...progress, total: 0, done: 0, judged: 0, failed: 0 }, false), '0 of 0');
  });

  it('tell times as people do', () => {
    assert.deepEqual([1449, 41_400, 59_700, 200_000].map(durationText), [
      '1.4 s',
      '41 s',
      '1 min 0 s',
      '3 min 20 s',
    ]);
  });

  it('count the time in which the model speaks, not that of its tools', () => {
    let now = 0;
    const meter = new SpeedMeter(() => now);
    const turn = {
      type: 'turn',
      turn: 0,
      raw: '',
      parts: [],
      writesParts: false,
      reason: 'endOfTurn',
    } as const;
    meter.add({ type: 'prompt', images: [] });
    now = 1000;
    meter.add({ ...turn, tokens: 30 });
    now = 9000;
    meter.add({ type: 'observation', turn: 0, raw: '', text: '', pictures: [] });
    now = 10_000;
    meter.add({ ...turn, tokens: 10 });
    assert.deepEqual([meter.tokens, meter.perSecond], [40, 20]);
    meter.add({ type: 'text', turn: 2, text: 'broken off' });
    assert.deepEqual([meter.tokens, meter.perSecond], [41, 20]);
  });
});
