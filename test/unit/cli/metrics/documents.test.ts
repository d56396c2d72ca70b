import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import {
  ROLLOUT_KEY_PREFIX,
  ROLLOUT_MEASURES,
  STEP_MEASURES,
} from '../../../../src/analysis/rolloutCurves/rolloutMeasures';
import { COMPUTED_RULES, CONCEPT_NAMES, CONCEPT_RULES } from '../../../../src/metrics/concepts';
import { FOLDER_METRIC_READERS, METRIC_READERS } from '../../../../src/readers/metrics/metricRegistry';
import { imcot, ROOT } from '../support/imcot';

const read = (file: string): string => readFileSync(path.join(ROOT, file), 'utf8');

describe('documents of metrics', () => {
  it('show what the commands print', async () => {
    const examples = [...read('docs/cli.md').matchAll(/```\n\$ imcot ((?:metrics|stages) .+)\n([^]*?)```/g)];
    assert.equal(examples.length, 3);
    const before = process.cwd();
    process.chdir(ROOT);
    try {
      for (const [, command = '', shown] of examples) {
        const { code, out } = await imcot(command.split(' '));
        assert.deepEqual([code, out], [0, shown]);
      }
    } finally {
      process.chdir(before);
    }
  });

  it('name every format and concept, and every key that is one word', () => {
    const text = read('docs/metrics.md');
    for (const { format } of [...METRIC_READERS, ...FOLDER_METRIC_READERS])
      assert.ok(text.includes(`| \`${format}\``), format);
    for (const concept of Object.keys(CONCEPT_NAMES)) assert.ok(text.includes(`\`${concept}\``), concept);
    for (const { key } of [...ROLLOUT_MEASURES, ...STEP_MEASURES])
      assert.ok(text.includes(`| \`${ROLLOUT_KEY_PREFIX}${key}\``), key);
    for (const { key } of [...CONCEPT_RULES, ...COMPUTED_RULES]) {
      if (typeof key === 'string') assert.ok(text.includes(`\`${key}\``), key);
    }
  });
});
