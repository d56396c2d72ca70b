import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import type { SourceView } from '../../src/protocol/trajectoryView';
import { DEMO, missingImageRollout } from './support/demoData';
import { openWithHost, readySource, rowOf, type HostData } from './support/fakeHost';
import { ALL_THEMES, usePages } from './support/page';

const BAD = {
  status: 'bad',
  index: 0,
  reason: 'Not JSON: it ends in the middle.',
  offset: 0,
  bytes: 90,
} as const;
const bad = (index: number) => ({ ...BAD, index });

/** The demo with another state of the file, and so many records of it. */
const demo = (source: SourceView, more: Partial<HostData> = {}): HostData => ({ ...DEMO, source, ...more });
const ofRecords = (records: number, more: Parameters<typeof readySource>[1] = {}): HostData =>
  demo(readySource(records, more));

/** Every third record can't be read. */
const broken: HostData = {
  ...DEMO,
  source: readySource(9),
  record: (index) => (index % 3 === 2 ? bad(index) : DEMO.record(0)),
  row: (index) => (index % 3 === 2 ? bad(index) : DEMO.row(0)),
};
const missing: HostData = {
  source: readySource(1),
  record: missingImageRollout,
  row: (index) => rowOf(missingImageRollout(index)),
};
const growing = ofRecords(3, { incompleteTail: 40, isEventLog: true, writtenAt: Date.now() });

interface State {
  readonly data: HostData;
  readonly shows: (page: Page) => ReturnType<Page['locator']>;
}

const STATES: Readonly<Record<string, State>> = {
  loading: {
    data: demo({ status: 'loading' }),
    shows: (page) => page.getByRole('status', { name: 'Loading' }),
  },
  empty: { data: ofRecords(0), shows: (page) => page.getByText('There are no rollouts in this file') },
  'not opened': {
    data: demo({ status: 'error', message: 'The system does not allow reading /logs/a.jsonl.' }),
    shows: (page) => page.getByText('The system does not allow reading'),
  },
  'partly unreadable': { data: broken, shows: (page) => page.getByRole('button', { name: /^3 unreadable/ }) },
  'image missing': {
    data: missing,
    shows: (page) => page.getByRole('button', { name: 'Choose Image Folder...' }),
  },
  growing: { data: growing, shows: (page) => page.getByRole('button', { name: 'Follow newest' }) },
};

describe('states of the trajectory page', function () {
  this.timeout(60_000);
  const open = usePages();

  for (const [name, { data, shows }] of Object.entries(STATES)) {
    it(`says what is the matter, and is accessible in every theme: ${name}`, async function () {
      this.timeout(180_000);
      const { opened } = await openWithHost(open, data);
      await shows(opened.page).first().waitFor();
      assert.deepEqual(await opened.accessibilityProblemsIn(ALL_THEMES), []);
      assert.deepEqual(opened.records.errors, []);
    });
  }

  it('draws a skeleton at once while a record is on its way', async () => {
    // Noted in the page itself: whoever asks it from outside may be late.
    const note = `new MutationObserver((_, observer) => {
      if (!document.querySelector('[role=status][aria-label=Loading]')) return;
      performance.mark('skeleton');
      observer.disconnect();
    }).observe(document, { childList: true, subtree: true })`;
    const { opened } = await openWithHost(
      open,
      { ...DEMO, delay: 3000 },
      { beforeLoad: async (page) => void (await page.addInitScript(note)) },
    );
    const { page } = opened;
    await page.getByRole('status', { name: 'Loading' }).waitFor();
    const at = (name: string): Promise<number> =>
      page.evaluate((entry) => performance.getEntriesByName(entry)[0]?.startTime ?? NaN, name);
    const [painted, drawn] = [await at('first-contentful-paint'), await at('skeleton')];
    // From the first paint on; a machine under load may take ten times the 100 ms that a person is to wait.
    assert.ok(drawn - painted < 1000, `${drawn} after ${painted}`);
  });

  it('lists what can’t be read, and all of it again', async () => {
    const { opened } = await openWithHost(open, broken);
    const { page } = opened;
    await page.getByRole('button', { name: /^3 unreadable/ }).click();
    await page.locator('.found-count', { hasText: '3 of 9' }).waitFor();
    await page.getByText('This record can’t be read').waitFor();
    assert.equal(await page.locator('.virtual-row').count(), 3);
    await page.keyboard.press('j');
    await page.locator('#row-1[aria-selected="true"]').waitFor();
    await page.locator('h1', { hasText: 'Record 5 can’t be read' }).waitFor();
    await page.getByRole('button', { name: /^3 unreadable/ }).waitFor();
    await page.getByRole('button', { name: 'Clear the filter' }).click();
    await page.waitForFunction(() => document.querySelectorAll('.virtual-row').length === 9);
  });

  it('follows what is appended while that is wanted', async () => {
    const { opened, host } = await openWithHost(open, ofRecords(3, { incompleteTail: 40 }));
    const { page } = opened;
    const shown = (record: number) =>
      page.waitForFunction(
        (row) => document.querySelector(`#row-${row}[aria-selected="true"]`) !== null,
        record,
      );
    const follow = page.getByRole('button', { name: 'Follow newest' });
    await follow.click();
    await shown(2);
    const grow = async (records: number): Promise<void> => {
      const { source } = ofRecords(records, { incompleteTail: 40 });
      host.use(ofRecords(records, { incompleteTail: 40 }));
      await host.page.sourceChanged(source);
    };
    await grow(5);
    await shown(4);
    await page.keyboard.press('k');
    await shown(3);
    assert.equal(await follow.getAttribute('aria-pressed'), 'false', 'somebody chose another');
    await grow(8);
    await page.locator('#row-7').waitFor();
    await shown(3);
  });

  it('offers no following where nothing is written', async () => {
    const { opened } = await openWithHost(open, ofRecords(3));
    await opened.page.locator('#row-2').waitFor();
    assert.equal(await opened.page.getByRole('button', { name: 'Follow newest' }).isVisible(), false);
  });

  it('says that a file was replaced, and shows the new one from its beginning', async () => {
    const { opened, host } = await openWithHost(open, ofRecords(5));
    const { page } = opened;
    await page.locator('#row-4').waitFor();
    await page.keyboard.press('j');
    const other = ofRecords(2, { generation: 2 });
    host.use(other);
    await host.page.sourceChanged(other.source);
    await page.locator('[aria-live]', { hasText: 'replaced' }).first().waitFor({ state: 'attached' });
    await page.locator('#row-0[aria-selected="true"]').waitFor();
    assert.equal(await page.locator('.virtual-row').count(), 2);
  });
});

describe('narrow trajectory page', function () {
  this.timeout(60_000);
  const open = usePages();
  const rows = Array.from({ length: 16 }, (_, index) => ({
    index,
    correct: index % 3 > 0,
    reward: index % 3,
  }));
  const data: HostData = {
    ...DEMO,
    siblings: () => ({ count: 16, rows, rewarded: 16, mean: 1, deviation: 0.9, next: 1 }),
  };

  /** Pairs of regions that stand on each other, and what sticks out at the side. */
  const overlaps = (page: Page, selectors: readonly string[]): Promise<string[]> =>
    page.evaluate((wanted) => {
      const boxes = wanted.flatMap((name) =>
        [...document.querySelectorAll(name)].map((element) => ({
          name,
          box: element.getBoundingClientRect(),
        })),
      );
      const there = boxes.filter(({ box }) => box.width > 0 && box.height > 0);
      const least = 1;
      return there.flatMap((a, at) => [
        ...(a.box.left < -least || a.box.right > innerWidth + least ? [`${a.name} sticks out`] : []),
        ...there.slice(at + 1).flatMap((b) => {
          const width = Math.min(a.box.right, b.box.right) - Math.max(a.box.left, b.box.left);
          const height = Math.min(a.box.bottom, b.box.bottom) - Math.max(a.box.top, b.box.top);
          return width > least && height > least ? [`${a.name} on ${b.name}`] : [];
        }),
      ]);
    }, selectors);

  const STILL = [
    '.stage-head',
    '.stage-window',
    '.stage-note',
    '.tree-head',
    '.tree-region',
    '.details-region',
  ];
  const INSIDE_LIST = ['.list-head', '.filter', '.found', '.sort-header', '.virtual-list'];

  for (const [width, height] of [
    [700, 860],
    [460, 860],
    [360, 860],
    [460, 420],
    [360, 320],
  ] as const) {
    it(`has no region on another at ${width} x ${height}`, async () => {
      const { opened } = await openWithHost(open, data, { viewport: { width, height } });
      const { page } = opened;
      await page.locator('.sibling').first().waitFor({ state: 'attached' });
      for (const record of [0, 1, 2, 3]) {
        await page.locator(`.list-button`, { hasText: `${record + 1} of` }).waitFor();
        // What sticks to the edges lies on what scrolls below only where the page scrolls.
        const isLow = await page
          .locator('.page')
          .evaluate((element) => element.scrollHeight > element.clientHeight + 1);
        assert.equal(isLow, height < 500, `scrolls at record ${record}`);
        const regions = isLow ? STILL : ['.list-button', ...STILL, '.transport'];
        assert.deepEqual(await overlaps(page, regions), [], `record ${record}`);
        await page.keyboard.press('j');
      }
      const tree = await page.locator('.tree-region').boundingBox();
      assert.ok((tree?.height ?? 0) > 60, 'the text has room');
      await page.keyboard.press('/');
      await page.keyboard.type('zooms >= && 1');
      await page.locator('.filter-problem:not(:empty)').waitFor();
      assert.deepEqual(await overlaps(page, INSIDE_LIST), []);
      const list = await page.locator('.list-region').boundingBox();
      assert.ok(list !== null && list.y + list.height <= height, 'the list ends inside the page');
    });
  }

  it('reaches everything in a low window', async () => {
    const { opened } = await openWithHost(open, data, { viewport: { width: 360, height: 320 } });
    const { page } = opened;
    await page.locator('.sibling').first().waitFor({ state: 'attached' });
    await page.locator('.page').evaluate((element) => element.scrollTo(0, element.scrollHeight));
    const more = await page.locator('.details-region').boundingBox();
    const foot = await page.locator('.transport').boundingBox();
    assert.ok(more && foot && more.y + more.height <= foot.y + 1, 'the last region ends above the transport');
    assert.ok(foot.y + foot.height <= 321, 'the transport is in view');
    assert.deepEqual(await opened.accessibilityProblems(), []);
  });
});
