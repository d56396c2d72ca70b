import assert from 'node:assert/strict';
import { type ParityOutput, reportOf, runParity } from './support/runParity';
import { QWEN_FOLDER } from '../../../../support/goldenQwen';

/** Values of each kind in the folder: fewer would mean that something is no longer compared. */
const KINDS: Readonly<Record<string, number>> = {
  'smart_resize, transformers': 379,
  'smart_resize, qwenVlUtils': 379,
  'tokenizer, ids': 354,
  'tokenizer, decoded': 354,
  'tokenizer, decoded without special tokens': 354,
  'tokenizer, parts of characters': 36,
  'tokenizer, ids beyond the vocabulary': 1,
  'chat template': 5,
  'images, decoded': 5,
  'images, upright size': 4,
  'images, decoded without alpha or upright': 9,
  'images, fetch_image': 4,
  'images, limits and grid': 7,
  'images, resized': 6,
  pixel_values: 7,
  'crops, size of the picture': 1,
  crops: 40,
  'bicubic resizes': 2,
  'm-rope, configuration': 4,
  'm-rope, position ids': 15,
  'm-rope, delta and next position': 15,
  'm-rope, turns appended': 4,
  'm-rope, cos and sin': 2,
  'm-rope, far positions': 16,
  'm-rope, float32 angles against float64': 8,
  'vision, window order': 12,
  'vision, ends of windows and pictures': 12,
  'vision, places of patches': 12,
  'vision, rotary frequencies': 2,
  'vision, rotary rows': 4,
  'conversations, size of the crop': 1,
  'vision, patch embedding': 4,
  'vision, features': 4,
  'vision, blocks': 5,
  'hidden states': 4,
  'conversations, positions': 4,
  'in one go: log-probabilities': 2196,
  'in one go: greedy tokens': 660,
  'in one go: second choices': 660,
  'in one go: margins of the first choice': 660,
  'in one go: greedy tokens, with penalty': 180,
  'in one go: logits': 37,
  'turn by turn: log-probabilities': 716,
  'turn by turn: greedy tokens': 660,
  'turn by turn: greedy tokens, with penalty': 180,
  'turn by turn: logits': 6,
  'by messages: log-probabilities': 854,
  'by messages: greedy tokens': 600,
  'by messages: greedy tokens, with penalty': 180,
  'by messages: logits': 23,
  'by rewind: log-probabilities': 888,
  'by rewind: greedy tokens': 660,
  'by rewind: greedy tokens, with penalty': 180,
  'by rewind: logits': 12,
  'in a fork: log-probabilities': 888,
  'in a fork: greedy tokens': 660,
  'in a fork: greedy tokens, with penalty': 180,
  'in a fork: logits': 12,
  'beside a fork: log-probabilities': 888,
  'beside a fork: greedy tokens': 660,
  'beside a fork: greedy tokens, with penalty': 180,
  'beside a fork: logits': 12,
  'with evictions: log-probabilities': 888,
  'with evictions: greedy tokens': 660,
  'with evictions: greedy tokens, with penalty': 180,
  'with evictions: logits': 12,
};

describe('parity with transformers, on the CPU', function () {
  this.timeout(180_000);
  let report: ParityOutput;
  let code: number | null;
  before(async () => {
    const run = await runParity([QWEN_FOLDER, '--json']);
    report = reportOf(run);
    code = run.code;
  });

  for (const [name, count] of Object.entries(KINDS)) {
    it(name, () => {
      const kind = report.kinds.find((candidate) => candidate.kind === name);
      assert.ok(kind, 'was not compared');
      assert.deepEqual(kind.faults, []);
      assert.deepEqual([kind.used, kind.present, kind.excused], [count, count, 0]);
    });
  }

  it('uses everything in the folder, and says so by its exit code', () => {
    assert.deepEqual(report.faults, []);
    assert.deepEqual(
      report.kinds.map(({ kind }) => kind).filter((kind) => !(kind in KINDS)),
      [],
    );
    assert.equal(report.passed, true);
    assert.equal(code, 0);
  });

  it('says on what it ran', () => {
    const devices = report.remarks.filter((remark) => remark.startsWith('checkpoint'));
    assert.equal(devices.length, 2, report.remarks.join('\n'));
    assert.match(devices[0] ?? '', /^checkpoint: CPU; weights F32, arithmetic float32/);
    assert.match(devices[1] ?? '', /^checkpoint-bf16-sharded: CPU; weights BF16, arithmetic float32/);
  });
});
