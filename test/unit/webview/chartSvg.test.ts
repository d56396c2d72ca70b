import assert from 'node:assert/strict';
import type { ChartTheme } from '../../../src/webview/dynamics/charts/chartTheme';
import type { Colour } from '../../../src/webview/dynamics/charts/colours';
import type { Frame } from '../../../src/webview/dynamics/charts/frame';
import type { StackModel } from '../../../src/webview/dynamics/charts/stackModel';
import { stackSvg } from '../../../src/webview/dynamics/charts/svg';
import { escapeXml, pathOf, tag } from '../../../src/webview/dynamics/charts/svgParts';
import { xTicks } from '../../../src/webview/dynamics/charts/ticks';
import { valueAxis } from '../../../src/webview/dynamics/charts/valueAxis';
import {
  chartOf,
  curveOf,
  lineOf,
  paperModel,
  stackOf,
  THREE_STAGES,
} from '../../webview/support/chartsData';

const grey = (value: number): Colour => ({ red: value, green: value, blue: value, alpha: 1 });
const THEME: ChartTheme = {
  isHighContrast: false,
  isLight: true,
  ground: grey(255),
  text: grey(20),
  soft: grey(90),
  grid: { ...grey(0), alpha: 0.12 },
  runs: [grey(1), grey(2), grey(3)],
  stages: [grey(101), grey(102), grey(103)],
  heat: grey(50),
  fontFamily: 'system-ui, "Ubuntu"',
  fontSize: 11,
};

function draw(model: StackModel, theme = THEME): string {
  const [from, to] = model.range;
  const frame: Frame = {
    model,
    theme,
    x: { from, to, left: 48, width: 790 },
    ticks: xTicks(model.x, model.range, 790),
  };
  const charts = model.charts.map((chart) => ({
    chart,
    height: 150,
    axis: valueAxis(chart, model.range, 150),
  }));
  return stackSvg('deepeyes-7b', frame, charts);
}

const count = (text: string, part: RegExp): number => [...text.matchAll(part)].length;

describe('charts as SVG', () => {
  it('write names that pretend to be markup as text', () => {
    const payload = '</text><script>executed(1)</script>"\'&';
    const model = stackOf([chartOf(payload, [curveOf('c', lineOf([1, 2]))], { subtitle: payload })], {
      bands: [{ index: 0, name: payload, from: 0, to: 79 }],
    });
    const svg = draw({ ...model, charts: model.charts.map((chart) => ({ ...chart, title: payload })) });
    assert.doesNotMatch(svg, /<script/);
    assert.match(svg, /&lt;\/text&gt;&lt;script&gt;/);
  });

  it('hold no character that XML cannot', () => {
    assert.equal(escapeXml('a\u0000b\ud800c\u001b[31m\uffff'), 'a\ufffdb\ufffdc\ufffd[31m\ufffd');
    assert.equal(escapeXml('😀\t\n'), '😀\t\n');
    assert.equal(tag('rect', { x: 1 / 3, name: '"<' }), '<rect x="0.33" name="&quot;&lt;"/>');
  });

  it('break a path at gaps', () => {
    assert.equal(
      pathOf([
        [0, 1],
        [1, NaN],
        [2, 3],
        [3, 4],
      ]),
      'M0 1M2 3L3 4',
    );
  });

  it('name all that is drawn: title, runs, charts, stages, scales', () => {
    const svg = draw(paperModel());
    for (const words of [
      'deepeyes-7b',
      'run 1',
      'Zoom count',
      'val-core/vstar/acc',
      '1 Initial exploration',
      '90 %',
    ])
      assert.ok(svg.includes(`>${words}<`), words);
    assert.match(svg, /<title>deepeyes-7b<\/title>\s*<desc>Curves over training steps: Zoom count/);
    assert.match(svg, />rollouts by zoom count, share of a step</);
    // A light fill per stage and chart.
    assert.equal(count(svg, /<rect [^>]*fill="#656565" fill-opacity="0.08"/g), 4);
  });

  it('refer to nothing outside themselves', () => {
    const svg = draw(paperModel());
    assert.doesNotMatch(svg, /href|<style|<image|@import|url\((?!#)/);
    assert.deepEqual([...new Set(svg.match(/https?:[^"]*/g))], ['http://www.w3.org/2000/svg']);
  });

  it('outline stages in high contrast, and give each run its dash', () => {
    const curves = [curveOf('a', lineOf([1, 2])), curveOf('b', lineOf([2, 1]))];
    const svg = draw(stackOf([chartOf('c', curves)], THREE_STAGES), { ...THEME, isHighContrast: true });
    assert.equal(count(svg, /<rect [^>]*stroke="#6[567]/g), 3);
    assert.equal(count(svg, /<path [^>]*stroke="#020202"[^>]*stroke-dasharray/g), 2, 'legend and line');
  });

  it('keep every sample of a line and fill its band without the gaps', () => {
    const raw = lineOf(Array.from({ length: 80 }, (_, at) => (at === 40 ? NaN : Math.sin(at))));
    const band = { low: raw.y.map((value) => value - 1), high: raw.y.map((value) => value + 1) };
    const svg = draw(stackOf([chartOf('c', [{ ...curveOf('c', raw), band }])]));
    const line = /<path d="([^"]*)" stroke-linejoin/.exec(svg)?.[1] ?? '';
    assert.equal(count(line, /[ML]/g), 79);
    assert.equal(count(line, /M/g), 2);
    assert.equal(count(svg, /Z" fill="#010101" fill-opacity="0.18"/g), 2);
  });
});
