import assert from 'node:assert/strict';
import { parseColour, hexColour, cssColour } from '../../../src/webview/dynamics/charts/colours';
import {
  formatDuration,
  formatPlace,
  formatTick,
  formatValue,
} from '../../../src/webview/dynamics/charts/format';
import { pannedRange, zoomedRange } from '../../../src/webview/dynamics/charts/gestures';
import { heatCells } from '../../../src/webview/dynamics/charts/heatCells';
import { markedPoints, nearestSample, neighbourPlace } from '../../../src/webview/dynamics/charts/samples';
import { xTicks } from '../../../src/webview/dynamics/charts/ticks';
import { runDash } from '../../../src/webview/dynamics/charts/tones';
import { valueAxis } from '../../../src/webview/dynamics/charts/valueAxis';
import { chartOf, curveOf, lineOf } from '../../webview/support/chartsData';

const labels = (ticks: readonly { readonly label: string }[]): string[] => ticks.map(({ label }) => label);

describe('numbers on charts', () => {
  it('have as many decimals as their distance needs', () => {
    assert.equal(formatTick(2, 0.5, 'number'), '2.0');
    assert.equal(formatTick(1500, 500, 'tokens'), '1,500');
    assert.equal(formatTick(0.25, 0.05, 'number'), '0.25');
    assert.equal(formatTick(0.7, 0.1, 'percent'), '70 %');
    assert.equal(formatTick(0.705, 0.005, 'percent'), '70.5 %');
    assert.equal(formatTick(2e-6, 1e-6, 'number'), '2e-6');
    assert.equal(formatTick(3e9, 1e9, 'number'), '3e9');
    assert.equal(formatTick(0, 1e-6, 'number'), '0');
  });

  it('are read with three or four digits, and never as a number that they are not', () => {
    assert.equal(formatValue(2.1, 'number'), '2.10');
    assert.equal(formatValue(0.38, 'number'), '0.380');
    assert.equal(formatValue(0.895, 'percent'), '89.5 %');
    assert.equal(formatValue(315.4, 'tokens'), '315');
    assert.equal(formatValue(12345.6, 'number'), '12,346');
    assert.equal(formatValue(1.234e-7, 'number'), '1.23e-7');
    assert.equal(formatValue(NaN, 'percent'), 'not a number');
    assert.equal(formatValue(-Infinity, 'number'), '−∞');
  });

  it('say times as their distance needs', () => {
    assert.equal(formatDuration(10, 10), '0:00:10');
    assert.equal(formatDuration(3900, 300), '1 h 5 min');
    assert.equal(formatDuration(172_800, 86_400), '2 d');
    assert.equal(formatPlace(46, 'step'), 'step 46');
    assert.equal(formatPlace(3723, 'relative'), '1:02:03');
  });
});

describe('marks of the x axis', () => {
  it('stand at whole steps only, however near one looks', () => {
    assert.deepEqual(labels(xTicks('step', [0, 79], 980)), ['0', '10', '20', '30', '40', '50', '60', '70']);
    assert.deepEqual(labels(xTicks('step', [10, 12], 980)), ['10', '11', '12']);
    assert.deepEqual(labels(xTicks('step', [5, 5], 980)), ['5']);
  });

  it('stand at times that people count in', () => {
    assert.deepEqual(labels(xTicks('relative', [0, 60], 400)), [
      '0:00:00',
      '0:00:15',
      '0:00:30',
      '0:00:45',
      '0:01:00',
    ]);
    assert.deepEqual(labels(xTicks('relative', [0, 7200], 300)), ['0', '1 h', '2 h']);
    assert.deepEqual(labels(xTicks('relative', [0, 400_000], 300)), ['0', '2 d', '4 d']);
  });

  it('stand at whole local hours and say the day where it begins', () => {
    const start = new Date(2026, 2, 14, 22, 30).getTime() / 1000;
    const ticks = xTicks('wall', [start, start + 3 * 3600], 420);
    assert.ok(ticks.length >= 3);
    for (const { value } of ticks) assert.equal(new Date(value * 1000).getMinutes(), 0);
    assert.match(ticks[0]!.label, /14/);
    assert.match(ticks[0]!.label, /23:00$/);
    assert.match(ticks[1]!.label, /15/, 'midnight belongs to the next day');
    assert.equal(ticks[2]!.label, '01:00');
  });
});

describe('value axes', () => {
  const axisOf = (values: readonly number[], more = {}) =>
    valueAxis(chartOf('c', [curveOf('c', lineOf(values))], more), [0, values.length - 1], 160);

  it('hold all values in view between round marks', () => {
    const axis = axisOf([0.62, 2.24, NaN, 1.4]);
    assert.ok(axis.low <= 0.62 && axis.high >= 2.24);
    assert.deepEqual(labels(axis.ticks), ['0.5', '1.0', '1.5', '2.0', '2.5']);
  });

  it('look at what is in view, band and average included', () => {
    const raw = lineOf([1, 100, 2, 3]);
    const band = { low: Float64Array.of(0, 0, -7, 0), high: Float64Array.of(9, 9, 9, 9) };
    const axis = valueAxis(chartOf('c', [{ ...curveOf('c', raw), band }]), [2, 3], 160);
    assert.ok(axis.low <= -7 && axis.high >= 9 && axis.high < 100);
  });

  it('show one value, and none', () => {
    const one = axisOf([5, 5]);
    assert.ok(one.low < 5 && one.high > 5);
    assert.equal(axisOf([0]).low, 0);
    assert.equal(axisOf([NaN, Infinity]).isEmpty, true);
  });

  it('with a logarithm leave out and count what is not above zero', () => {
    const axis = axisOf([-1, 0, 0.001, 10, NaN], { logarithmic: true });
    assert.equal(axis.notShown, 2);
    assert.ok(axis.low <= -3 && axis.high >= 1 && axis.low > -3.5);
    assert.deepEqual(labels(axis.ticks), ['0.001', '0.01', '0.1', '1', '10']);
  });
});

describe('samples of a curve', () => {
  const line = lineOf([1, NaN, 3, NaN, 5, 6], [0, 10, 20, 30, 40, 50]);

  it('are found by their place, gaps left out', () => {
    assert.deepEqual(nearestSample(line, 11), { x: 20, y: 3, step: 20 });
    assert.deepEqual(nearestSample(line, 10), { x: 0, y: 1, step: 0 }, 'the earlier of two as near');
    assert.deepEqual(nearestSample(line, Infinity), { x: 50, y: 6, step: 50 });
    assert.equal(nearestSample(lineOf([NaN]), 0), undefined);
  });

  it('follow each other over several lines', () => {
    const other = lineOf([1, 1], [15, 45]);
    assert.equal(neighbourPlace([line, other], 0, 1), 15);
    assert.equal(neighbourPlace([line, other], 0, 1, 3), 40);
    assert.equal(neighbourPlace([line, other], 45, -1), 40);
    assert.equal(neighbourPlace([line], 50, 1), undefined);
  });

  it('get a mark where no line shows them', () => {
    const scale = { from: 0, to: 999, left: 0, width: 500 };
    const many = Array.from({ length: 1000 }, () => 1);
    assert.deepEqual(markedPoints(lineOf(many), scale, false), []);
    many[500] = NaN;
    many[502] = NaN;
    assert.deepEqual(markedPoints(lineOf(many), scale, false), [499, 501, 503]);
    const few = lineOf([1, 2, 3], [0, 400, 800]);
    assert.deepEqual(markedPoints(few, scale, false), [0, 1, 2]);
    assert.deepEqual(markedPoints(lineOf([1, -2, 3], [0, 400, 800]), scale, true), [0, 2]);
  });
});

describe('what is zoomed', () => {
  it('stays around the pointer and within what there is', () => {
    assert.deepEqual(zoomedRange([0, 100], [0, 100], 20, 0.5), [10, 60]);
    assert.equal(zoomedRange([10, 60], [0, 100], 20, 10), undefined);
    assert.deepEqual(pannedRange([10, 60], [0, 100], 70), [50, 100]);
    assert.deepEqual(pannedRange([10, 60], [0, 100], -70), [0, 50]);
  });
});

describe('columns of zoom counts', () => {
  it('reach halfway to their neighbours, but not over a hole', () => {
    const column = (at: number) => ({ from: at, to: at, x0: at, x1: at, counts: [3, 1] });
    const cells = heatCells({ columns: [0, 1, 2, 10].map(column), most: 1 });
    assert.deepEqual(
      cells.map(({ from, to }) => [from, to]),
      [
        [-0.5, 0.5],
        [0.5, 1.5],
        [1.5, 2.5],
        [9.5, 10.5],
      ],
    );
    assert.deepEqual(cells[0]!.shares, [0.75, 0.25]);
  });
});

describe('colours of the theme', () => {
  it('are read in all forms that browsers write', () => {
    assert.equal(hexColour(parseColour('rgb(89, 164, 249)')), '#59a4f9');
    assert.equal(hexColour(parseColour('color(srgb 0.5 1 0 / 0.25)')), '#80ff00');
    assert.equal(cssColour(parseColour('rgba(1, 2, 3, 0.5)'), 0.5), 'rgba(1, 2, 3, 0.25)');
    assert.equal(hexColour(parseColour('nonsense')), '#000000');
  });

  it('come with a dash for each run in high contrast', () => {
    const dashes = Array.from({ length: 6 }, (_, run) => JSON.stringify(runDash(run, true)));
    assert.equal(new Set(dashes).size, 6);
    assert.deepEqual(runDash(3, false), []);
    assert.notDeepEqual(runDash(9, false), []);
  });
});
