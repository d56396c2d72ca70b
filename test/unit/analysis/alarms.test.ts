import { strict as assert } from 'node:assert';
import { describe, it } from 'mocha';
import { ALARM_RULES, findAlarms, zoomEntropy, zoomMode } from '../../../src/analysis/alarms';
import type { AlarmCurve } from '../../../src/analysis/alarms';
import { randomDraws } from '../../../src/analysis/randomDraws';
import { figure3 } from '../../support/figure3';

const draws = randomDraws(8);
const noisy = (of: (step: number) => number, noise: number, length = 100): AlarmCurve => {
  const steps = Array.from({ length }, (_, step) => step);
  return { steps, values: steps.map((step) => of(step) + noise * draws.normal()) };
};

describe('alarms', () => {
  it('are silent on the run of the paper', () => {
    const [zoomCount, responseLength] = figure3().curves;
    assert.deepEqual(findAlarms({ zoomCount: zoomCount!, responseLength: responseLength! }), []);
  });

  it('sound when tool calls collapse to zero, from the step where they did', () => {
    const [alarm, ...others] = findAlarms({ zoomCount: noisy((step) => (step < 50 ? 1 : 0), 0.02) });
    assert.equal(others.length, 0);
    assert.equal(alarm?.kind, 'toolCollapse');
    assert.equal(alarm.threshold, ALARM_RULES.toolCollapse);
    assert.ok(alarm.step >= 55 && alarm.step <= 65, `${alarm.step}`);
    assert.deepEqual(findAlarms({ zoomCount: noisy(() => 0.05, 0.01) }), []);
    assert.deepEqual(findAlarms({ zoomCount: noisy((step) => 1 - step / 200, 0.02) }), []);
  });

  it('sound when every rollout zooms once, and not for mixed or missing zooming', () => {
    const always = [1, 2, 3, 4].map((step) => ({ step, counts: [0, 99, 1] }));
    const [alarm] = findAlarms({ zoomDistributions: [{ step: 0, counts: [40, 40, 20] }, ...always] });
    assert.equal(alarm?.kind, 'homogenisedUse');
    assert.equal(alarm.step, 1);
    assert.match(alarm.message, /exactly once: 99 %, entropy 0\.08 bit/);
    assert.deepEqual(
      findAlarms({ zoomDistributions: always.map(({ step }) => ({ step, counts: [10, 80, 10] })) }),
      [],
    );
    assert.deepEqual(
      findAlarms({ zoomDistributions: always.map(({ step }) => ({ step, counts: [100] })) }),
      [],
    );
    assert.deepEqual(findAlarms({ zoomDistributions: always.slice(0, 2) }), []);
    assert.deepEqual(
      findAlarms({ zoomDistributions: always.map(({ step }) => ({ step, counts: [0, 5] })) }),
      [],
    );
  });

  it('sound when reward rises and accuracy does not', () => {
    const reward = noisy((step) => 0.5 + step / 200, 0.05);
    const [alarm] = findAlarms({ reward, accuracy: noisy((step) => 0.6 - step / 1000, 0.02) });
    assert.equal(alarm?.kind, 'rewardWithoutAccuracy');
    assert.deepEqual(findAlarms({ reward, accuracy: noisy((step) => 0.5 + step / 400, 0.02) }), []);
    assert.deepEqual(findAlarms({ reward: noisy(() => 0.5, 0.05), accuracy: noisy(() => 0.5, 0.05) }), []);
    assert.deepEqual(findAlarms({ reward }), []);
  });

  it('sound when length runs away, and not when it comes back', () => {
    const [alarm] = findAlarms({ responseLength: noisy((step) => 200 + 0.1 * step * step, 5) });
    assert.equal(alarm?.kind, 'lengthRunaway');
    assert.ok(alarm.step > 50 && alarm.step < 80, `${alarm.step}`);
    assert.deepEqual(
      findAlarms({ responseLength: noisy((step) => 200 + 10 * Math.min(step, 100 - step) ** 1.2, 5) }),
      [],
    );
  });

  it('take gaps for what they are', () => {
    const { steps, values } = noisy((step) => (step < 50 ? 1 : 0), 0.02);
    const gaps = Array.from(values, (value, at) => (at % 5 === 0 ? NaN : value));
    assert.equal(findAlarms({ zoomCount: { steps, values: gaps } })[0]?.kind, 'toolCollapse');
    assert.deepEqual(
      findAlarms({ zoomCount: { steps: [], values: [] }, responseLength: { steps: [1], values: [NaN] } }),
      [],
    );
  });
});

describe('zoom distributions', () => {
  it('have an entropy in bits and a mode', () => {
    assert.equal(zoomEntropy([1, 1, 1, 1]), 2);
    assert.equal(zoomEntropy([0, 7]), 0);
    assert.equal(zoomEntropy([0, 0]), undefined);
    assert.deepEqual(zoomMode([1, 3]), { zooms: 1, share: 0.75 });
    assert.equal(zoomMode([]), undefined);
  });
});
