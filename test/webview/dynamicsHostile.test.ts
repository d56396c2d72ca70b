import assert from 'node:assert/strict';
import type { RunView } from '../../src/protocol/dynamicsView';
import type { HeldRun } from './support/dynamicsData';
import { heldRun, paperRun, readyView } from './support/dynamicsData';
import { openDynamics } from './support/dynamicsHost';
import { hostilePayloads } from './support/hostilePayloads';
import { usePages } from './support/page';

const SEED = 20_260_722;
const RUNS = 24;
const PAYLOADS = hostilePayloads(200, SEED);

/** A run that says a payload in every place where a log may say something. */
function hostileRun(index: number): HeldRun {
  const text = PAYLOADS[index]!;
  const steps = Array.from({ length: 40 }, (_, step) => step);
  const keys = PAYLOADS.filter((_, at) => at % RUNS === index);
  const curves = Object.fromEntries(
    keys.map((key) => [key, { steps, values: steps.map((step) => step * index) }]),
  );
  const paper = paperRun().view;
  const more: Partial<RunView> = {
    name: text,
    source: text,
    label: text,
    keys: keys.map((key, at) => ({
      key,
      points: 40,
      last: at,
      note: text,
      ...(at === 0 && { concept: 'iou' as const }),
    })),
    concepts: { iou: keys.slice(0, 2) },
    stages: {
      ...paper.stages,
      reason: text,
      method: text,
      namesWithheld: text,
      stages: paper.stages.stages.map((stage) => ({ ...stage, name: text, summary: text })),
    },
    alarms: [{ kind: 'toolCollapse', step: 3, message: text, threshold: text }],
    rollouts: { name: text, link: 'found', records: 1, badRecords: 2, problem: text, hasZoomCounts: false },
    notices: [text, text],
  };
  return heldRun({ id: text, curves, more, rollouts: { perStep: 2, correct: 1 } });
}

/** Elements and attributes that only a payload could have made; runs in the page. */
function strangers(): string[] {
  const own = new Set(
    'DIV SPAN UL OL LI DL DT DD H1 H2 H3 P B BDI BUTTON SECTION HEADER MAIN ASIDE DETAILS SUMMARY DIALOG KBD VSCODE-BUTTON INPUT LABEL OUTPUT SELECT OPTION CANVAS TABLE THEAD TBODY TR TH TD svg line'.split(
      ' ',
    ),
  );
  const found: string[] = [];
  for (const element of document.querySelectorAll('#root *')) {
    if (!own.has(element.tagName)) found.push(`element ${element.tagName}`);
    for (const { name, value } of element.attributes) {
      if (name.startsWith('on') || ['href', 'src', 'srcset', 'srcdoc', 'action', 'xlink:href'].includes(name))
        found.push(`attribute ${name} of ${element.tagName}`);
      if (name === 'style' && /url\(|evil/.test(value)) found.push(`style ${value}`);
    }
  }
  if (document.querySelectorAll('script').length !== 1) found.push('a script');
  return found;
}

describe(`a dynamics page that is given hostile names (seed ${SEED})`, function () {
  this.timeout(120_000);
  const open = usePages();

  it('draws them as text and nothing else, wherever they stand', async () => {
    const runs = Array.from({ length: RUNS }, (_, index) => hostileRun(index));
    const view = readyView(runs, { name: PAYLOADS[3]!, notices: PAYLOADS.slice(0, 60) });
    const state = {
      charts: PAYLOADS.slice(0, 6)
        .map((key) => `key:${key}`)
        .concat('concept:iou', '__proto__'),
    };
    const { opened, host } = await openDynamics(open, { view, runs }, { state });
    const { page, records } = opened;
    await page.locator('.chart-title').nth(5).waitFor();
    await host.page.showStep(5);
    await page.getByRole('button', { name: /^Open the 2 rollouts/ }).waitFor();
    assert.deepEqual(await page.evaluate(strangers), []);
    for (let run = 1; run < RUNS; run += 5) {
      await page.locator('.run-focus').nth(run).click();
      assert.deepEqual(await page.evaluate(strangers), []);
    }
    await page.keyboard.press('m');
    await page.locator('.metric-row').first().waitFor();
    assert.deepEqual(await page.evaluate(strangers), []);
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
    await page.keyboard.press('t');
    await page.getByRole('rowheader').first().waitFor();
    assert.deepEqual(await page.evaluate(strangers), []);
    await host.page.changed({ status: 'error', message: PAYLOADS[10]! });
    await page.getByRole('button', { name: 'Try Again' }).waitFor();
    assert.deepEqual(await page.evaluate(strangers), []);
    await host.page.changed({ status: 'loading', reading: { file: PAYLOADS[11]!, fraction: 0.5 } });
    await page.locator('.charts-skeleton').waitFor();
    assert.deepEqual(await page.evaluate(strangers), []);
    assert.deepEqual(records, {
      foreignRequests: [],
      policyViolations: [],
      dialogs: [],
      errors: [],
      navigations: [],
      executions: [],
    });
  });
});
