import { strict as assert } from 'node:assert';
import { describe, it } from 'mocha';
import { randomDraws } from '../../../../src/analysis/randomDraws';
import { findStages } from '../../../../src/analysis/stages/findStages';
import type { StageReport } from '../../../../src/analysis/stages/findStages';
import type { StageCurve } from '../../../../src/analysis/stages/stageCurve';
import { figure3 } from '../../../support/figure3';
import { stageRuns } from '../../../support/stageRuns';

const steps = (report: StageReport): number[] => report.boundaries.map(({ step }) => step);
const near = (report: StageReport, wanted: readonly number[], reach: number): boolean =>
  report.boundaries.length === wanted.length &&
  steps(report).every((step, at) => Math.abs(step - wanted[at]!) <= reach);

/** The figure's curves, changed point by point. */
function figureWith(change: (value: number, step: number, curve: StageCurve) => number): StageCurve[] {
  return figure3().curves.map((curve) => ({
    ...curve,
    values: Array.from(curve.values, (value, at) => change(value, curve.steps[at]!, curve)),
  }));
}

function firstSteps(curves: readonly StageCurve[], count: number): StageCurve[] {
  return curves.map((curve) => ({
    ...curve,
    steps: Array.from(curve.steps).slice(0, count),
    values: Array.from(curve.values).slice(0, count),
  }));
}

describe('the stages of the paper', () => {
  const { curves, lines } = figure3();

  it('are found within 3 steps of the lines that its authors drew, with their names', () => {
    const report = findStages(curves);
    assert.equal(report.status, 'three stages', report.reason);
    assert.ok(near(report, lines, 3), `${steps(report)}`);
    assert.equal(report.namesWithheld, undefined);
    assert.deepEqual(
      report.stages.map(({ name }) => name),
      ['initial exploration', 'high-frequency zooming', 'efficient exploitation'],
    );
    assert.ok(report.confidence > 0.5 && report.confidence <= 1, `${report.confidence}`);
    lines.forEach((line, at) => {
      const [from, to] = report.boundaries[at]!.interval;
      assert.ok(from <= line && line <= to && to - from <= 16, `${from} to ${to}`);
    });
    assert.match(report.stages[0]!.summary, /length flat after a peak of 347 at step 7, IoU 0\.27 -> 0\.23$/);
    assert.match(
      report.stages[1]!.summary,
      /^zoom count 1\.\d+ -> 2\.\d+, length 1\d\d -> 3\d\d, IoU 0\.2\d -> 0\.3\d$/,
    );
  });

  it('stay where they are at every width of the smoother', () => {
    for (const halfWidth of [0.08, 0.1, 0.12, 0.14, 0.16, 0.18, 0.2, 0.24]) {
      const report = findStages(curves, { halfWidth });
      assert.ok(near(report, lines, 3), `${halfWidth}: ${steps(report)} ${report.reason}`);
    }
  });

  it('stay where they are when noise is added', () => {
    for (const [noise, atLeast] of [
      [0.03, 0.95],
      [0.06, 0.8],
    ] as const) {
      const draws = randomDraws(11);
      const levels = { zoomCount: 1.3, responseLength: 220, iou: 0.3 };
      const held = Array.from({ length: 20 }, () =>
        near(
          findStages(
            figureWith((value, _, { concept }) => value + noise * levels[concept as 'iou'] * draws.normal()),
          ),
          lines,
          3,
        ),
      ).filter(Boolean).length;
      assert.ok(held >= atLeast * 20, `noise ${noise}: ${held} of 20`);
    }
  });

  it('are found from the zoom count and one other curve', () => {
    for (const missing of ['responseLength', 'iou']) {
      const report = findStages(curves.filter(({ concept }) => concept !== missing));
      assert.ok(near(report, lines, 5), `without ${missing}: ${steps(report)} ${report.reason}`);
      assert.equal(report.namesWithheld, undefined);
    }
  });

  it('survive gaps, values that are no numbers, one broken step, and any order of the points', () => {
    const broken = figureWith((value, step, { concept }) => {
      if (step === 63 && concept === 'responseLength') return 20000;
      if (step % 7 === 3 && concept === 'iou') return NaN;
      return step === 30 ? Infinity : value;
    }).map((curve) => ({
      ...curve,
      steps: Array.from(curve.steps).reverse(),
      values: Array.from(curve.values).reverse(),
    }));
    const report = findStages(broken);
    assert.ok(near(report, lines, 3), `${steps(report)} ${report.reason}`);
  });

  it('do not bear the names when IoU falls while the others rise', () => {
    const report = findStages(
      figureWith((value, step, { concept }) => (concept === 'iou' ? 0.3 + 0.01 * Math.sin(step) : value)),
    );
    assert.equal(report.status, 'three stages', report.reason);
    assert.match(report.namesWithheld ?? '', /IoU does not (rise|hold).*not the paper's pattern/);
    assert.deepEqual(
      report.stages.map(({ name }) => name),
      ['stage 1', 'stage 2', 'stage 3'],
    );
  });

  it('are the same for the same seed', () => {
    assert.deepEqual(findStages(curves, { seed: 5 }), findStages(curves, { seed: 5 }));
  });
});

describe('runs without stages', () => {
  it('are told so, with the reason', () => {
    const line = Array.from({ length: 100 }, (_, step) => step);
    const curve = (concept: StageCurve['concept'], of: (step: number) => number): StageCurve => ({
      concept,
      steps: line,
      values: line.map(of),
    });
    const cases: readonly (readonly [RegExp, readonly StageCurve[]])[] = [
      [/None of zoom count/, []],
      [/Only length of zoom count/, [curve('responseLength', (step) => step)]],
      [/Too few steps: 29 are recorded, at least 30/, firstSteps(figure3().curves, 29)],
      [
        /Zoom count falls from the start to the end, length falls .*: not the paper's pattern/,
        [curve('zoomCount', (step) => 2 - step / 100), curve('responseLength', (step) => 300 - step)],
      ],
      [
        /Tool calls fall from the start to the end, length rises .*: not the paper's pattern/,
        [curve('toolCalls', (step) => 2 - step / 100), curve('responseLength', (step) => 300 + step)],
      ],
      [/No rise to a peak/, [curve('zoomCount', () => 1), curve('iou', () => 0.3)]],
    ];
    for (const [reason, curves] of cases) {
      const report = findStages(curves);
      assert.match(report.reason, reason);
      assert.equal(report.status, 'no clear stages');
      assert.deepEqual([report.boundaries, report.stages, report.confidence], [[], [], 0]);
    }
  });

  it('say from which step on zooming falls', () => {
    const draws = randomDraws(3);
    const line = Array.from({ length: 100 }, (_, step) => step);
    const fall = (step: number): number => (step < 30 ? 1 : Math.max(0.1, 1 - (step - 30) / 60));
    const report = findStages([
      { concept: 'zoomCount', steps: line, values: line.map((step) => fall(step) + 0.03 * draws.normal()) },
      { concept: 'responseLength', steps: line, values: line.map(() => 200 + 6 * draws.normal()) },
    ]);
    assert.match(
      report.reason,
      /Zoom count falls from (step [12]\d|the start) to (step 9\d|the end): not the paper's pattern/,
    );
  });
});

describe('a run that is going on', () => {
  it('is in stage 2 while its peak is not passed, and shows three stages when it is', () => {
    const runs = stageRuns(21, 40).filter(({ boundaries, length }) => boundaries && length >= 120);
    let sofar = 0;
    for (const { curves, boundaries } of runs) {
      const [trough, peak] = boundaries!;
      const report = findStages(firstSteps(curves, Math.round(trough + 0.85 * (peak - trough))));
      assert.notEqual(report.status, 'three stages', report.reason);
      if (report.status !== 'stage 2 so far') continue;
      sofar++;
      assert.equal(report.stages.length, 2);
      assert.equal(report.boundaries.length, 1);
    }
    assert.ok(sofar >= 0.75 * runs.length, `${sofar} of ${runs.length}`);
  });
});

describe('made runs', () => {
  it('do not bear the names where nobody counted zooms', () => {
    const run = stageRuns(31, 12).find(({ boundaries, curves }) => boundaries && curves.length === 3)!;
    assert.equal(findStages(run.curves).namesWithheld, undefined);
    const report = findStages(run.curves.filter(({ concept }) => concept !== 'zoomCount'));
    assert.ok(near(report, run.boundaries!, 0.06 * run.length), report.reason);
    assert.equal(report.namesWithheld, "Zoom count is not recorded: not the paper's pattern.");
  });

  it('have their stages found, and none where there are none', function () {
    this.timeout(120_000);
    let [staged, good, others, wrong] = [0, 0, 0, 0];
    for (const { curves, boundaries, length } of stageRuns(31, 100)) {
      const report = findStages(curves);
      if (boundaries) {
        staged++;
        if (near(report, boundaries, 0.06 * length)) good++;
      } else {
        others++;
        if (report.boundaries.length > 0) wrong++;
      }
    }
    assert.equal(staged, 100);
    assert.equal(others, 100);
    assert.ok(good >= 92, `${good} of ${staged}`);
    assert.ok(wrong <= 1, `${wrong} of ${others}`);
  });

  it('may be long: 100,000 points are binned', () => {
    const { curves, boundaries } = stageRuns(31, 1)[0]!;
    const [first] = curves;
    const many = 100_000 / first!.steps.length;
    const long = curves.map(({ concept, values }) => ({
      concept,
      steps: Array.from({ length: 100_000 }, (_, step) => step),
      values: Array.from({ length: 100_000 }, (_, step) => values[Math.floor(step / many)]!),
    }));
    assert.ok(
      near(
        findStages(long),
        boundaries!.map((step) => step * many),
        6000,
      ),
    );
  });
});
