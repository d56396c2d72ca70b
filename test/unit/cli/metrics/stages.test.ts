import assert from 'node:assert/strict';
import { curveCsv, curveEvents, curvesJson, verlConsole } from '../../../support/curveFiles';
import { figure3 } from '../../../support/figure3';
import { ScratchFolder } from '../../../support/scratchFolder';
import { imcot } from '../support/imcot';

interface PrintedStages {
  readonly name: string;
  readonly status: string;
  readonly boundaries: readonly number[] | null;
  readonly intervals: readonly (readonly [number, number])[] | null;
  readonly confidence: number;
  readonly reason: string;
  readonly stages: readonly {
    readonly name: string;
    readonly from: number;
    readonly to: number;
    readonly means: Readonly<Record<string, number>>;
  }[];
}

const PAPER = ['tool_call_count_raw', 'response_length_raw', 'grounding_iou_raw'] as const;
const VERL = ['agent/tool_call_mean', 'response_length/mean', 'grounding/iou_mean'] as const;

/** The paper's curves under the given keys. */
const named = (keys: readonly string[]): { key: string; values: number[] }[] =>
  figure3().curves.map(({ values }, index) => ({ key: keys[index] ?? '', values: Array.from(values) }));

describe('imcot stages', () => {
  let folder: ScratchFolder;
  beforeEach(() => (folder = new ScratchFolder()));
  afterEach(() => folder.remove());

  async function stagesOf(file: string): Promise<PrintedStages> {
    const { code, json } = await imcot(['stages', '--json', file]);
    assert.equal(code, 0);
    const { runs } = json() as { runs: readonly PrintedStages[] };
    assert.equal(runs.length, 1);
    return runs[0] as PrintedStages;
  }

  for (const [name, write] of [
    ['curves.json', () => curvesJson(named(PAPER))],
    ['train.log', () => verlConsole(named(VERL))],
    ['events.out.tfevents.1700000000.host.1.0', () => curveEvents(named(VERL))],
    ['table.csv', () => curveCsv(named(PAPER))],
  ] as const) {
    it(`finds the lines of the paper's authors in ${name}`, async () => {
      const { lines } = figure3();
      const { boundaries, intervals, confidence, stages, status } = await stagesOf(
        folder.write(name, write()),
      );
      assert.equal(status, 'three stages');
      assert.equal(boundaries?.length, 2);
      boundaries.forEach((step, index) => assert.ok(Math.abs(step - (lines[index] ?? NaN)) <= 3, `${step}`));
      assert.ok(confidence > 0.5 && confidence <= 1);
      boundaries.forEach((step, index) => {
        const [from, to] = intervals?.[index] ?? [NaN, NaN];
        assert.ok(from <= step && step <= to);
      });
      assert.deepEqual(
        stages.map((stage) => [stage.name, stage.from, stage.to]),
        [
          ['initial exploration', 0, (boundaries[0] ?? 0) - 1],
          ['high-frequency zooming', boundaries[0], (boundaries[1] ?? 0) - 1],
          ['efficient exploitation', boundaries[1], 79],
        ],
      );
      for (const { means } of stages) assert.ok((means['toolCalls'] ?? 0) > 0.5 && (means['iou'] ?? 0) > 0.2);
    });
  }

  it('names a length that counts observations as what it is', async () => {
    const curves = named(['zoom_count', 'response_length/mean', 'iou']);
    const { status, stages } = await stagesOf(folder.write('a.csv', curveCsv(curves)));
    assert.equal(status, 'three stages');
    assert.deepEqual(Object.keys(stages[0]?.means ?? {}).sort(), [
      'iou',
      'responseLengthWithObservations',
      'zoomCount',
    ]);
  });

  it('says why there are none', async () => {
    const flat = named(PAPER).map(({ key, values }) => ({ key, values: values.map((_, at) => at / 10) }));
    const trend = await stagesOf(folder.write('trend.csv', curveCsv(flat)));
    assert.deepEqual(
      [trend.boundaries, trend.intervals, trend.confidence, trend.stages],
      [null, null, 0, []],
    );
    assert.ok(trend.reason.length > 10);
    const alone = await stagesOf(folder.write('alone.csv', curveCsv(named(PAPER).slice(0, 1))));
    assert.match(alone.reason, /Only tool calls .* two are needed/);
  });

  it('says of a run that goes on how far it is', async () => {
    const curves = named(PAPER).map(({ key, values }) => ({ key, values: values.slice(0, 50) }));
    const { status, boundaries, stages } = await stagesOf(folder.write('live.csv', curveCsv(curves)));
    assert.deepEqual([status, boundaries, stages.length], ['stage 2 so far', null, 2]);
  });

  it('shows a person a card for each stage and what intervals are worth', async () => {
    const { code, out } = await imcot(['stages', folder.write('table.csv', curveCsv(named(PAPER)))]);
    assert.equal(code, 0);
    assert.match(out, /^result +three stages, confidence 0\.\d\d$/m);
    assert.match(out, /^high-frequency zooming, steps \d+ to \d+$/m);
    assert.match(out, /^boundary +step \d+, interval \d+ to \d+$/m);
    assert.match(out, /nine of ten/);
    assert.doesNotMatch(out, /90 %/);
    assert.match(out, /^curve +tool calls = tool_call_count_raw/m);
  });
});
