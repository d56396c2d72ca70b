import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import type { DynamicsPageState } from '../../src/protocol/dynamicsView';
import { cutRun, heldRun, noisyRun, paperRun, readyView, threeRuns } from './support/dynamicsData';
import { dataOf, openDynamics } from './support/dynamicsHost';
import { ALL_THEMES, usePages } from './support/page';

const titles = (page: Page) => page.locator('.chart-title').allTextContents();
const side = (page: Page) => page.getByRole('complementary');
const live = (page: Page) => page.locator('[role=status][aria-live=polite].visually-hidden');

/** Waits until a check passes, since answers come by message. */
async function until(what: string, check: () => Promise<boolean> | boolean): Promise<void> {
  for (let round = 0; round < 200; round++) {
    if (await check()) return;
    await new Promise((resolve) => setTimeout(resolve, 15));
  }
  assert.fail(`not within 3 s: ${what}`);
}

describe('dynamics page', function () {
  this.timeout(60_000);
  const open = usePages();

  it("shows the paper's charts in order, their keys and the stages with what they did", async () => {
    const { opened, host } = await openDynamics(open, dataOf([paperRun()]));
    const { page } = opened;
    await page.locator('.chart-title', { hasText: 'Accuracy' }).waitFor();
    assert.deepEqual(await titles(page), ['Tool calls', 'Response length', 'Grounding IoU', 'Accuracy']);
    const subtitles = await page.locator('.chart-subtitle').allTextContents();
    assert.match(subtitles[1] ?? '', /^response_length\/mean · Observation tokens are not counted$/);
    assert.match(subtitles[2] ?? '', /^rollouts\/iou · computed from the rollouts/);
    const cards = side(page).locator('.stage-card');
    assert.equal(await cards.count(), 3);
    assert.match(
      await cards.nth(1).innerText(),
      /High-frequency zooming\s*19 – 44 ± \d\s*Tool calls 1\.05 → 2\.10/,
    );
    assert.deepEqual(await page.locator('.stage-title').allTextContents(), [
      '1 Initial exploration',
      '2 High-frequency zooming',
      '3 Efficient exploitation',
    ]);
    await page.getByText('80 steps').waitFor();
    await side(page).getByText('confidence medium').waitFor();
    await until('the stages are said', async () =>
      /^deepeyes-7b: Three stages/.test((await live(page).textContent()) ?? ''),
    );
    assert.equal(host.requests.at(-1)?.smoothing, 0.6);
    assert.equal(await page.locator('.heat:not([hidden])').count(), 1, 'zoom counts under their chart');
    assert.deepEqual(opened.records.errors, []);
    assert.deepEqual(opened.records.policyViolations, []);
  });

  it('smooths by slider and key, asking for the newest value only, and remembers it', async () => {
    const { opened, host } = await openDynamics(open, dataOf([paperRun()], { delay: 120 }));
    const { page } = opened;
    const slider = page.getByRole('slider', { name: 'smoothing' });
    await slider.waitFor();
    await until('the first points', () => host.requests.length > 0);
    const before = host.requests.length;
    await slider.focus();
    for (let press = 0; press < 20; press++) await page.keyboard.press('ArrowRight');
    await page.locator('output', { hasText: '0.80' }).waitFor();
    await until('the newest value is asked for', () => host.requests.at(-1)?.smoothing === 0.8);
    assert.ok(host.requests.length - before < 15, `${host.requests.length - before} requests for 20 presses`);
    await page.locator('h1').click();
    await page.keyboard.press('Shift+S');
    await page.locator('output', { hasText: '0.75' }).waitFor();
    await until(
      'it is remembered',
      async () => ((await opened.state()) as DynamicsPageState).smoothing === 0.75,
    );
  });

  it('changes the axis, and says why it can not where no run tells times', async () => {
    const { opened, host } = await openDynamics(open, dataOf([paperRun()]));
    const { page } = opened;
    await page.getByRole('radio', { name: 'relative' }).click();
    await until('seconds are asked for', () => host.requests.at(-1)?.x === 'relative');
    await page.locator('.x-label', { hasText: /h|min/ }).first().waitFor();
    assert.equal(await page.locator('.boundary').count(), 2, 'boundaries stand at their times');
    await page.keyboard.press('ArrowRight');
    assert.equal(await page.getByRole('radio', { name: 'wall' }).getAttribute('aria-checked'), 'true');
    const untimed = await openDynamics(open, dataOf([noisyRun()]));
    const relative = untimed.opened.page.getByRole('radio', { name: 'relative' });
    await relative.waitFor();
    assert.equal(await relative.isDisabled(), true);
    assert.match((await relative.getAttribute('title')) ?? '', /No run here tells/);
  });

  it('adds and takes away charts in the picker, by search and keyboard', async () => {
    const { opened, host } = await openDynamics(open, dataOf([paperRun()]));
    const { page } = opened;
    await page.locator('.chart-title').first().waitFor();
    await page.keyboard.press('m');
    const picker = page.getByRole('dialog', { name: 'Metrics' });
    await picker.getByText('11 metrics').waitFor();
    await page.keyboard.type('grad');
    await picker.getByText('1 of 11 metrics').waitFor();
    await page.keyboard.press('Enter');
    await page.locator('.chart-title', { hasText: 'actor/grad_norm' }).waitFor();
    await picker.getByRole('searchbox').fill('iou');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Space');
    await until('IoU is gone', async () => !(await titles(page)).includes('Grounding IoU'));
    await page.keyboard.press('Escape');
    await picker.waitFor({ state: 'hidden' });
    assert.deepEqual(await titles(page), ['Tool calls', 'Response length', 'Accuracy', 'actor/grad_norm']);
    assert.ok(host.requests.at(-1)?.curves.some(({ members }) => members[0]?.key === 'actor/grad_norm'));
  });

  it('lists thousands of keys, and draws only those in view', async () => {
    const curves = Object.fromEntries(
      Array.from({ length: 3000 }, (_, at) => [`layer_${at}/norm`, { steps: [0, 1, 2], values: [1, 2, at] }]),
    );
    const { opened } = await openDynamics(open, dataOf([heldRun({ id: 'wide', curves })]));
    const { page } = opened;
    await page.locator('.chart-title').nth(3).waitFor();
    assert.equal((await titles(page)).length, 4, 'the first four where nothing is known');
    await page.getByRole('button', { name: 'Metrics…' }).click();
    await page.getByText('3,000 metrics').waitFor();
    assert.ok((await page.locator('.picker .virtual-row').count()) < 60);
    await page.keyboard.type('layer_2718/');
    await page.keyboard.press('Enter');
    await page.locator('.chart-title', { hasText: 'layer_2718/norm' }).waitFor();
  });

  it('gives the values of a step, opens its rollouts, and leads to the file', async () => {
    const { opened, host } = await openDynamics(open, dataOf([paperRun()]));
    const { page } = opened;
    await page.locator('.chart-title').first().waitFor();
    await host.page.showStep(46);
    const step = side(page).getByRole('region', { name: 'Step' });
    await step.getByText('Step 46').waitFor();
    await step.getByText('319').waitFor();
    await step.getByText('no sample here').waitFor();
    await step.getByText('3,617 of them were judged right').waitFor();
    await until('the step is said', async () =>
      /^Step 46: Tool calls 2\.06, Response length 319/.test((await live(page).textContent()) ?? ''),
    );
    await step.getByRole('button', { name: 'Open the 4,096 rollouts of this step' }).click();
    await step.getByRole('button', { name: 'Reveal in File: response_length/mean at step 46' }).click();
    await until('both were asked', () => host.asked.length >= 2);
    assert.deepEqual(host.asked, [
      'openRollouts deepeyes-7b 46',
      'revealPoint deepeyes-7b response_length/mean 46',
    ]);
    await page.locator('h1').click();
    await page.keyboard.press('ArrowRight');
    await step.getByText('Step 47').waitFor();
    await page.keyboard.press('Escape');
    await step.getByText('Press on a curve').waitFor();
  });

  it('chooses the step under the pointer, and brings one into view that lies outside', async () => {
    const { opened, host } = await openDynamics(open, dataOf([paperRun()]), { state: { range: [10, 30] } });
    const { page } = opened;
    await page.getByRole('button', { name: 'Reset zoom' }).waitFor();
    const plot = page.locator('.plot').first();
    const box = await plot.boundingBox();
    assert.ok(box);
    await plot.click({ position: { x: box.width / 2, y: box.height / 2 } });
    await side(page)
      .getByText(/^Step (19|20|21)$/)
      .waitFor();
    await host.page.showStep(70);
    await until(
      'the range went along',
      () => (host.requests.at(-1)?.range?.[1] ?? 0) > 70 && (host.requests.at(-1)?.columns ?? 0) > 1,
    );
    assert.deepEqual(host.requests.filter(({ columns }) => columns > 1).at(-1)?.range, [60, 80]);
    await page.keyboard.press('r');
    await until('all is shown again', () => host.requests.at(-1)?.range === undefined);
    assert.equal(await page.getByRole('button', { name: 'Reset zoom' }).isVisible(), false);
  });

  it('moves a boundary by pointer and key, draws the cards anew, and returns to the found ones', async () => {
    const { opened, host } = await openDynamics(open, dataOf([paperRun()]));
    const { page } = opened;
    const boundary = page.getByRole('slider', { name: /High-frequency zooming/ });
    await boundary.waitFor();
    const box = await boundary.boundingBox();
    const plot = await page.locator('.plot').first().boundingBox();
    assert.ok(box && plot);
    await page.mouse.move(box.x + box.width / 2, plot.y + 40);
    await page.mouse.down();
    await page.mouse.move(box.x + 60, plot.y + 40, { steps: 5 });
    await page.mouse.up();
    await side(page).getByText('Boundaries moved by you.').waitFor();
    await until('cards came', () => host.asked.some((line) => line.startsWith('stageCards deepeyes-7b')));
    const moved = Number(await boundary.getAttribute('aria-valuenow'));
    await boundary.press('ArrowLeft');
    await side(page)
      .locator('.stage-card', { hasText: `${moved - 1} – 44` })
      .waitFor();
    assert.ok(moved > 19, `${moved}`);
    assert.equal(await boundary.getAttribute('aria-valuenow'), `${moved - 1}`);
    assert.equal(await side(page).locator('.stage-card').nth(1).getByText('± ').count(), 0);
    await side(page).getByRole('button', { name: 'Return to the found ones' }).click();
    await side(page)
      .locator('.stage-card', { hasText: /19 – 44 ± \d/ })
      .waitFor();
    assert.equal(await side(page).getByText('Boundaries moved by you.').count(), 0);
  });

  it('says why there are no clear stages, and what belongs to no rollouts', async () => {
    const { opened, host } = await openDynamics(open, dataOf([noisyRun()]));
    const { page } = opened;
    await side(page).getByRole('heading', { name: 'No clear stages' }).waitFor();
    await side(page)
      .getByText(/No rise to a peak and fall after it/)
      .waitFor();
    assert.equal(await page.locator('.boundary').count(), 0);
    await host.page.showStep(3);
    await side(page).getByRole('button', { name: 'Link rollouts…' }).click();
    await until('it was asked', () => host.asked.includes('linkRollouts ablation-no-grounding'));
  });

  it('does not judge the stages of a log of rollouts before it is read', async () => {
    const rollouts = {
      name: 'dump.jsonl',
      link: 'own',
      records: 1280,
      badRecords: 0,
      hasZoomCounts: false,
    } as const;
    const curves = { zoom_count: { steps: [0, 1], values: [0.5, 0.7] } };
    const reading = heldRun({ id: 'dump', curves, more: { rollouts: { ...rollouts, progress: 0.37 } } });
    const { opened } = await openDynamics(open, dataOf([reading]));
    await side(opened.page).getByText('Their curves decide. 37\u00a0% are read.').waitFor();
    await side(opened.page).getByText('not known yet').waitFor();
    assert.equal(
      await side(opened.page)
        .getByText(/No clear stages/i)
        .count(),
      0,
    );
    const read = await openDynamics(open, dataOf([heldRun({ id: 'dump', curves, more: { rollouts } })]));
    await side(read.opened.page).getByRole('heading', { name: 'No clear stages' }).waitFor();
  });

  it('names the alarms with their rules, and those that none of them fires', async () => {
    const steps = Array.from({ length: 80 }, (_, at) => at);
    const gone = heldRun({
      id: 'collapsed',
      curves: { zoom_count: { steps, values: steps.map((step) => (step < 40 ? 1.5 : 0)) } },
      more: { notices: ['1 piece could not be read: line 12 ends early.'], breaks: [40] },
    });
    const { opened } = await openDynamics(open, dataOf([gone]));
    const alarms = side(opened.page).getByRole('region', { name: 'Alarms' });
    await alarms.getByText(/Zooming has all but stopped/).waitFor();
    await alarms.getByText(/^Rule: smoothed zoom count at the end below 10\u00a0%/).waitFor();
    const notices = side(opened.page).getByRole('region', { name: 'Notices' });
    await notices.getByText('line 12 ends early').waitFor();
    await notices.getByText('A restart wrote anew from step 40').waitFor();
    const quiet = await openDynamics(open, dataOf([paperRun()]));
    await side(quiet.opened.page)
      .getByText('None of the rules fires: collapse of zooming, homogenised zooming, runaway length.')
      .waitFor();
    await side(quiet.opened.page)
      .getByText(/Not looked at.*reward without accuracy/)
      .waitFor();
  });

  it('exports pictures and all points', async () => {
    const { opened, host } = await openDynamics(open, dataOf([paperRun()]));
    const { page } = opened;
    await page.locator('.chart-title').first().waitFor();
    const choose = async (name: string): Promise<void> => {
      await page.getByRole('button', { name: 'Export' }).click();
      await page.getByRole('menuitem', { name }).click();
    };
    await choose('SVG');
    await choose('PNG');
    await until('both pictures', () => host.saved.length === 2);
    assert.deepEqual(
      host.saved.map(({ kind }) => kind),
      ['svg', 'png'],
    );
    await page.keyboard.press('e');
    await page.keyboard.press('End');
    await page.keyboard.press('Enter');
    await until('the table', () => host.asked.length > 0);
    assert.equal(
      host.asked[0],
      'saveTable deepeyes-7b:agent/tool_call_mean deepeyes-7b:response_length/mean deepeyes-7b:rollouts/iou deepeyes-7b:val-core/vstar/acc/mean@1',
    );
    await until('it is said', async () => (await live(page).textContent()) === 'Saved.');
  });
});

describe('dynamics page, several runs', function () {
  this.timeout(60_000);
  const open = usePages();

  it("draws each run's own key, and switches runs on, off and alone", async () => {
    const { opened, host } = await openDynamics(open, dataOf(threeRuns()));
    const { page } = opened;
    await page.locator('.chart-title').first().waitFor();
    const last = () => host.requests.filter(({ columns }) => columns > 1).at(-1);
    await until('three lines per chart', () => last()?.curves.length === 9);
    assert.equal(
      await page.locator('.chart-subtitle').first().textContent(),
      'agent/tool_call_mean, tools/call_frequency',
    );
    assert.equal(
      await page.locator('.chart-choice:not([hidden])').count(),
      0,
      'another run’s key is no choice',
    );
    const run = (name: string) => page.getByRole('checkbox', { name });
    await run('trl-grpo-3b').click();
    await until('two lines per chart', () => last()?.curves.length === 6);
    assert.equal(await run('trl-grpo-3b').getAttribute('aria-checked'), 'false');
    await run('deepeyes-7b-seed2').dblclick();
    await until(
      'one alone',
      () => last()?.curves.every(({ members }) => members[0]?.run === 'deepeyes-7b-seed2') ?? false,
    );
    await run('deepeyes-7b-seed2').click();
    await page.getByText('All runs are switched off').waitFor();
    await page.getByRole('button', { name: 'Show All Runs' }).click();
    await until('all three', () => last()?.curves.length === 9);
  });

  it('paints the stages of the run in focus, and lists the boundaries of all', async () => {
    const { opened } = await openDynamics(open, dataOf(threeRuns()));
    const { page } = opened;
    const table = page.getByRole('table', { name: 'Boundaries of all runs' });
    await table.waitFor();
    assert.deepEqual(await table.locator('tbody td').allTextContents(), [
      '22',
      '45',
      'high',
      '22',
      '45',
      'high',
      '29',
      '75',
      'high',
    ]);
    await page.getByRole('button', { name: 'Stages of trl-grpo-3b' }).click();
    await side(page).locator('.stage-card', { hasText: '29 – 74' }).waitFor();
    await page.getByRole('checkbox', { name: 'Mean and band' }).check();
    await until('it is remembered', async () => {
      const state = (await opened.state()) as DynamicsPageState;
      return state.band === true && state.focus === 'trl-grpo-3b';
    });
  });

  it('takes the mean of runs where a person wants a band', async () => {
    const { opened, host } = await openDynamics(open, dataOf(threeRuns()), { state: { band: true } });
    await opened.page.locator('.chart-title').first().waitFor();
    await until('one line per chart', () => host.requests.at(-1)?.curves.length === 3);
    assert.equal(host.requests.at(-1)?.curves[0]?.members.length, 3);
  });

  it('searches many runs', async () => {
    const [first] = threeRuns();
    assert.ok(first);
    const runs = Array.from({ length: 20 }, (_, at) => ({
      ...first,
      view: { ...first.view, id: `r${at}`, name: `sweep-${at}` },
    }));
    const { opened } = await openDynamics(open, dataOf(runs));
    const search = opened.page.getByRole('searchbox', { name: 'Find a run' });
    await search.fill('sweep-13');
    await until('one is left', async () => (await opened.page.locator('.run').count()) === 1);
  });
});

describe('dynamics page, table', function () {
  this.timeout(60_000);
  const open = usePages();

  it('shows the values by step with headers, jumps to a step, and copies rows', async () => {
    const { opened, host } = await openDynamics(open, dataOf([paperRun()]));
    const { page } = opened;
    await page.locator('.chart-title').first().waitFor();
    await page.getByRole('button', { name: 'Table' }).click();
    const grid = page.getByRole('grid', { name: 'Values by step' });
    await grid.getByRole('rowheader', { name: '5', exact: true }).waitFor();
    assert.equal(await grid.getAttribute('aria-rowcount'), '81');
    assert.equal(await grid.getAttribute('aria-colcount'), '6');
    assert.deepEqual(
      (await grid.getByRole('columnheader').allTextContents()).map((words) => words.slice(0, 10)),
      ['Step', 'Time', 'Tool calls', 'Response l', 'Grounding ', 'Accuracyva'],
    );
    await page.getByRole('textbox', { name: 'Go to step' }).fill('64');
    await page.keyboard.press('Enter');
    await side(page).getByText('Step 64').waitFor();
    const row = grid.getByRole('row', { selected: true });
    assert.match(await row.innerText(), /^64\s.*88\.4 %/s);
    await page.evaluate(() => {
      const copied: string[] = [];
      Object.assign(globalThis, { copied });
      Object.defineProperty(navigator, 'clipboard', {
        value: { writeText: async (text: string) => void copied.push(text) },
      });
      document.addEventListener('copy', (event) =>
        copied.push(event.clipboardData?.getData('text/plain') ?? ''),
      );
    });
    await page.keyboard.press('Shift+ArrowDown');
    await page.keyboard.press('Control+c');
    await page.getByRole('button', { name: 'Copy all' }).click();
    const copied = (): Promise<string[]> =>
      page.evaluate(() => (globalThis as unknown as { copied: string[] }).copied);
    await until('both copies', async () => (await copied()).length === 2);
    const [rows = '', all = ''] = await copied();
    assert.match(rows, /^step\ttime\tTool calls \(agent\/tool_call_mean\)\t/);
    assert.deepEqual(
      rows.split('\n').map((line) => line.split('\t')[0]),
      ['step', '64', '65'],
    );
    assert.equal(all.split('\n').length, 81);
    assert.ok(host.asked.every((line) => line.startsWith('table ')));
  });

  it('draws a window of a hundred thousand rows', async () => {
    const steps = Array.from({ length: 100_000 }, (_, at) => at);
    const long = heldRun({
      id: 'long',
      curves: { loss: { steps, values: steps.map((step) => Math.sin(step / 900)) } },
    });
    const { opened } = await openDynamics(open, dataOf([long]), { state: { view: 'table' } });
    const { page } = opened;
    await page.getByText('100,000 rows').waitFor();
    await page.getByRole('grid').focus();
    await page.keyboard.press('Control+End');
    await page.getByRole('rowheader', { name: '99,999' }).waitFor();
    assert.ok((await page.locator('.virtual-row').count()) < 80);
    await page.keyboard.press('t');
    await page.getByText(/^Showing [\d,]+ of 100,000 points$/).waitFor();
  });
});

describe('dynamics page, states', function () {
  this.timeout(60_000);
  const open = usePages();

  it('shows what is being read, an error with another try, and an empty file', async () => {
    const reading = { file: 'events.out.tfevents.17', fraction: 0.42 };
    const { opened, host } = await openDynamics(open, { view: { status: 'loading', reading }, runs: [] });
    const { page } = opened;
    await page.getByText('Reading events.out.tfevents.17… 42').waitFor();
    assert.equal(await page.locator('.skeleton-chart').count(), 3);
    await host.page.changed({ status: 'error', message: 'The file is a PNG image.' });
    await page.getByText('The file is a PNG image.').waitFor();
    await page.getByRole('button', { name: 'Try Again' }).click();
    await until('it was asked', () => host.asked.includes('reload'));
    await host.page.changed(readyView([], { name: 'empty.log' }));
    await page.getByText('There is no numeric value here').waitFor();
    assert.equal(await side(page).isVisible(), false);
  });

  it('stands before the host has answered', async () => {
    const { page } = await open({ name: 'dynamics' });
    await page.getByText('Opening…').waitFor();
    const shown = await page.evaluate(() => {
      const { loadEventEnd } = performance.getEntriesByType('navigation')[0] as PerformanceNavigationTiming;
      const paint = performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? Infinity;
      return paint - loadEventEnd;
    });
    assert.ok(shown < 100, `${shown} ms after the page was loaded`);
  });

  it('says why points could not be had, and tries again', async () => {
    const data = dataOf([paperRun()], { curvesError: 'The disk is gone.' });
    const { opened, host } = await openDynamics(open, data);
    await opened.page.getByText('The disk is gone.').waitFor();
    host.use(dataOf([paperRun()]));
    await opened.page.getByRole('button', { name: 'Try Again' }).click();
    await opened.page.locator('.chart-title').first().waitFor();
  });

  it('grows on screen, from stage 2 so far to three stages, and drops what is out of date', async () => {
    const whole = paperRun();
    const { opened, host } = await openDynamics(open, dataOf([cutRun(whole, 38)]));
    const { page } = opened;
    await side(page).getByText('Stage 2 so far', { exact: true }).waitFor();
    await page.locator('.bar-title .live').waitFor();
    const grown = { view: readyView([whole], { generation: 2 }), runs: [whole] };
    host.use(grown);
    await host.page.changed(grown.view);
    await side(page).getByText('Efficient exploitation').waitFor();
    await page.getByText('80 steps').waitFor();
    await until('the end is on the axis', async () =>
      (await page.locator('.x-label').allTextContents()).some((label) => Number(label) >= 70),
    );
    assert.equal(await page.locator('.bar-title .live').isVisible(), false);
    await host.page.changed(readyView([cutRun(whole, 38)], { generation: 1 }));
    await page.getByText('80 steps').waitFor();
  });

  it('finds its place again after a reload, and takes nonsense for nothing', async () => {
    const { opened } = await openDynamics(open, dataOf([paperRun()]));
    const { page } = opened;
    await page.locator('.chart-title').first().waitFor();
    await page.getByRole('radio', { name: 'relative' }).click();
    await page.getByRole('separator', { name: 'Width of the cards' }).focus();
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('t');
    await until('it is remembered', async () => {
      const state = (await opened.state()) as DynamicsPageState;
      return state.view === 'table' && state.x === 'relative' && state.split === 0.28;
    });
    await opened.reload();
    await page.getByRole('grid', { name: 'Values by step' }).waitFor();
    assert.equal(await page.getByRole('radio', { name: 'relative' }).getAttribute('aria-checked'), 'true');
    const state = {
      x: 7,
      smoothing: 'NaN',
      charts: { a: 1 },
      range: [9, 1],
      boundaries: { 'deepeyes-7b': [50, 2] },
      keys: [],
      split: 9,
    };
    const odd = await openDynamics(open, dataOf([paperRun()]), { state });
    await side(odd.opened.page).locator('.stage-card', { hasText: '19 – 44' }).waitFor();
    assert.deepEqual(odd.opened.records.errors, []);
  });

  it('puts the runs above the charts and the cards below them when it is narrow', async () => {
    const { opened } = await openDynamics(open, dataOf(threeRuns()), {
      viewport: { width: 600, height: 900 },
    });
    const { page } = opened;
    await page.locator('.chart-title').first().waitFor();
    const top = async (selector: string): Promise<number> =>
      (await page.locator(selector).first().boundingBox())?.y ?? NaN;
    const [runs, charts, cards] = [await top('.legend'), await top('.chart'), await top('.stage-card')];
    assert.ok(runs < charts && charts < cards, `${runs} ${charts} ${cards}`);
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(width <= 600, `${width} px wide`);
    await page.setViewportSize({ width: 460, height: 800 });
    await page.getByRole('button', { name: 'Export' }).click();
    const menu = await page.getByRole('menu').boundingBox();
    assert.ok(menu && menu.x >= 0 && menu.x + menu.width <= 460, JSON.stringify(menu));
  });

  it('has nothing that assistive technology trips over, in any theme', async function () {
    this.timeout(180_000);
    const { opened, host } = await openDynamics(open, dataOf(threeRuns()));
    const { page } = opened;
    await page.locator('.chart-title').first().waitFor();
    await host.page.showStep(46);
    await side(page).getByText('Step 46').waitFor();
    assert.deepEqual(await opened.accessibilityProblemsIn(ALL_THEMES), []);
    await page.keyboard.press('t');
    await page.getByRole('rowheader').first().waitFor();
    await page.keyboard.press('m');
    await page.locator('.metric-row').first().waitFor();
    assert.deepEqual(await opened.accessibilityProblemsIn(ALL_THEMES), []);
    await page.keyboard.press('Escape');
    // The browser closes a dialog when it gets to it, and a key that comes sooner is typed into the search.
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
    const keys = page.getByRole('dialog', { name: 'Keys' });
    for (let press = 0; press < 3 && !(await keys.isVisible()); press++) {
      await page.keyboard.press('?');
      await keys.waitFor({ timeout: 5000 }).catch(() => undefined);
    }
    await keys.waitFor({ timeout: 1000 });
    assert.deepEqual(await opened.accessibilityProblemsIn(ALL_THEMES), []);
  });
});
