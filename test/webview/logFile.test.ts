import assert from 'node:assert/strict';
import { appendFileSync, truncateSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { ScratchFolder } from '../support/scratchFolder';
import { hostilePayloads } from './support/hostilePayloads';
import type { LogFilePage } from './support/logFileHost';
import { openLogPage } from './support/logFileHost';
import { ALL_THEMES, usePages } from './support/page';

const row = (page: Page, words: string) => page.locator('.log-row', { hasText: words });

/** A console log of so many steps. */
const consoleLog = (steps: number): string =>
  Array.from(
    { length: steps },
    (_, at) => `\x1b[36m(pid=1)\x1b[0m step:${at} - actor/loss:0.5 - reward:0.${at}\n`,
  ).join('');

describe('log-file page', function () {
  this.timeout(60_000);
  const open = usePages();
  const folder = new ScratchFolder();
  const pages: LogFilePage[] = [];
  afterEach(() => {
    for (const page of pages.splice(0)) page.dispose();
  });
  after(() => folder.remove());

  async function show(
    content: string | Uint8Array,
    name: string,
    options = {},
  ): Promise<LogFilePage & { page: Page }> {
    const shown = await openLogPage(open, folder.write(name, content), options);
    pages.push(shown);
    return { ...shown, page: shown.opened.page };
  }

  it('shows first lines, the last ones by End, and any place by the scroll bar', async () => {
    const { page, opened } = await show(consoleLog(50_000), 'console.log');
    await row(page, 'step:0 ').waitFor();
    await page.locator('.fact', { hasText: '50,000 lines' }).waitFor();
    assert.equal(await page.locator('.row-number').first().textContent(), '1');
    await page.locator('.log-window').focus();
    await page.keyboard.press('End');
    await row(page, 'step:49999 ').waitFor();
    assert.equal(await row(page, 'step:49999 ').locator('.row-number').textContent(), '50,000');
    const bar = await page.getByRole('scrollbar').boundingBox();
    assert.ok(bar);
    await page.mouse.click(bar.x + 6, bar.y + bar.height / 2);
    await row(page, 'step:25').first().waitFor();
    const rows = await page.locator('.log-row').count();
    assert.ok(rows <= 480, `${rows} rows stand in the document`);
    await page.keyboard.press('Home');
    assert.deepEqual(opened.records.errors, []);
  });

  it('scrolls on past what was loaded first, with every line in its place', async () => {
    const { page } = await show(consoleLog(1500), 'scroll.log');
    await row(page, 'step:0 ').waitFor();
    const seen = await page.evaluate(async () => {
      const view = document.querySelector('.log-window') as HTMLElement;
      const steps = new Set<number>();
      const look = (): void => {
        for (const element of document.querySelectorAll('.row-text'))
          steps.add(Number(/step:(\d+)/.exec(element.textContent ?? '')?.[1]));
      };
      for (let round = 0; round < 400 && !steps.has(1499); round++) {
        view.scrollTop += 500;
        await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
        look();
      }
      return steps.size;
    });
    assert.equal(seen, 1500);
  });

  it('finds, goes on by Enter and F3, marks the scroll bar, and says what is no expression', async () => {
    const lines = Array.from({ length: 2000 }, (_, at) => (at % 500 === 250 ? `needle ${at}` : `hay ${at}`));
    const { page } = await show(lines.join('\n'), 'find.log');
    await row(page, 'hay 0').first().waitFor();
    await page.keyboard.press('Control+f');
    await page.keyboard.type('NEEDLE');
    await page.locator('.find-count', { hasText: '1 of 4' }).waitFor();
    await page.keyboard.press('Enter');
    await page.locator('.find-count', { hasText: '2 of 4' }).waitFor();
    await page.locator('.log-row[aria-selected=true]', { hasText: 'needle 750' }).waitFor();
    await page.keyboard.press('Shift+Enter');
    await page.keyboard.press('F3');
    await page.keyboard.press('F3');
    await page.locator('.find-count', { hasText: '3 of 4' }).waitFor();
    const painted = (): Promise<string> =>
      page.evaluate(() => [...(CSS.highlights.get('find-current') ?? [])].map(String).join());
    await page.waitForFunction(() => (CSS.highlights.get('find-current')?.size ?? 0) === 1);
    assert.equal(await painted(), 'needle');
    await page.getByRole('button', { name: 'Match case' }).click();
    await page.locator('.find-count', { hasText: 'No results' }).waitFor();
    await page.getByRole('button', { name: 'Use regular expression' }).click();
    await page.locator('.find-input').first().fill('needle (');
    await page.locator('.find-count', { hasText: 'no regular expression' }).waitFor();
    await page.keyboard.press('Escape');
    assert.equal(await page.locator('.find-bar').first().isVisible(), false);
  });

  it('goes to lines, bytes and steps, says why it cannot, and opens a step in the curves', async () => {
    const { page, actions } = await show(consoleLog(900), 'steps.log');
    await row(page, 'step:0 ').waitFor();
    const goTo = async (kind: string, value: string): Promise<void> => {
      if (!(await page.locator('.go-to-bar').isVisible())) await page.keyboard.press('Control+g');
      await page.locator('.go-to-kind').selectOption(kind);
      await page.locator('.go-to-bar .find-input').fill(value);
      await page.keyboard.press('Enter');
    };
    await goTo('step', '446');
    await page.locator('.log-row.revealed', { hasText: 'step:446 ' }).waitFor();
    await goTo('line', '800');
    await page.locator('.log-row.revealed', { hasText: 'step:799 ' }).waitFor();
    await goTo('line', '901');
    await page.locator('.go-to-bar .find-count', { hasText: 'has 900 lines' }).waitFor();
    await goTo('step', '5000');
    await page.locator('.go-to-bar .find-count', { hasText: 'the last of 899' }).waitFor();
    await goTo('record', '1');
    await page.locator('.go-to-bar .find-count', { hasText: 'no records' }).waitFor();
    await page.keyboard.press('Escape');
    await row(page, 'step:799 ').getByRole('button', { name: 'Show step 799 in the curves' }).click();
    for (let round = 0; round < 100 && actions.length === 0; round++) await page.waitForTimeout(20);
    assert.deepEqual(actions, ['step: 799']);
  });

  it('copies the bytes of the file, unfolds progress bars and what is long', async () => {
    const bar = Array.from({ length: 30 }, (_, at) => `\x1b[32m${at}/29\x1b[0m`).join('\r');
    const { page, actions } = await show(`${bar}\n${'y'.repeat(6000)}Z\nlast\n`, 'long.log');
    await page.getByRole('button', { name: '30 updates' }).click();
    await page.locator('.update', { hasText: '12/29' }).waitFor();
    await page.getByRole('button', { name: '1,905 more bytes' }).click();
    await page.waitForFunction(() => document.body.textContent?.includes('yZ'));
    await page.locator('.row-number').first().click();
    await page.evaluate(() => getSelection()?.removeAllRanges());
    await page.locator('.log-window').focus();
    await page.keyboard.press('Control+c');
    for (let round = 0; round < 100 && actions.length === 0; round++) await page.waitForTimeout(20);
    assert.deepEqual(actions, [`copy: ${bar}`]);
  });

  it('follows a file that grows, and says when it became shorter', async () => {
    const file = folder.write('live.log', consoleLog(300));
    const shown = await openLogPage(open, file);
    pages.push(shown);
    const { page } = shown.opened;
    await row(page, 'step:0 ').waitFor();
    await page.getByRole('button', { name: 'Follow the end' }).click();
    await row(page, 'step:299 ').waitFor();
    appendFileSync(file, 'half a li');
    await shown.look();
    await row(page, 'half a li').waitFor();
    appendFileSync(file, 'ne\nand one more\n');
    await shown.look();
    await row(page, 'half a line').waitFor();
    await row(page, 'and one more').waitFor();
    truncateSync(file, 100);
    await shown.look();
    await page.locator('.news', { hasText: 'became shorter' }).waitFor();
    await row(page, 'step:0 ').waitFor();
  });

  it('comes back where it was', async () => {
    const { page, opened } = await show(consoleLog(5000), 'state.log', {
      state: { top: 60_000, wrap: true, follow: false },
    });
    await page.locator('.wrapped .log-row').first().waitFor();
    await page.waitForFunction(() => JSON.parse(sessionStorage.getItem('editor-state') ?? '{}').top > 50_000);
    const before = (await opened.state()) as { top: number; wrap: boolean };
    await opened.reload();
    await page.locator('.wrapped .log-row').first().waitFor();
    await page.waitForFunction((top) => {
      const view = document.querySelector('.log-window')?.getBoundingClientRect();
      const first = document.querySelector(`#row-${top}`)?.getBoundingClientRect();
      return view && first && Math.abs(first.top - view.top) < 2;
    }, before.top);
    assert.equal(before.wrap, true);
  });

  it('says what a binary file is, and what opens it', async () => {
    const { page, actions } = await show(`PAR1${'\0'.repeat(50)}`, 'table.log');
    await page.getByText('This is a Parquet table').waitFor();
    await page.getByRole('button', { name: 'Open as Trajectories' }).click();
    for (let round = 0; round < 100 && actions.length === 0; round++) await page.waitForTimeout(20);
    assert.deepEqual(actions, ['other: trajectories']);
  });

  it('draws hostile lines as text and nothing else', async () => {
    const lines = hostilePayloads(80, 7).map((payload) => payload.replace(/[\n\r]/g, ' '));
    const more = [
      '\x1b]8;;https://evil.test/\x07link\x1b]8;;\x07',
      '\x1b[31;url(x)m',
      '\x1b]0;title\x07',
      '\0\0\u202egnp',
    ];
    const { page, opened } = await show([...more, ...lines].join('\n'), 'hostile.log');
    await page.locator('.log-row').first().waitFor();
    await page.keyboard.press('Alt+z');
    await page.keyboard.press('Control+f');
    await page.keyboard.type('script');
    await page.locator('.find-count', { hasText: ' of ' }).waitFor();
    assert.equal(
      await page.locator('.row-text').locator('a, img, script, iframe, form, input, svg').count(),
      0,
    );
    const { errors, executions, foreignRequests, navigations, dialogs, policyViolations } = opened.records;
    assert.deepEqual(
      [errors, executions, foreignRequests, navigations, dialogs, policyViolations].flat(),
      [],
    );
  });

  it('can be used with assistive technology in every theme', async function () {
    this.timeout(180_000);
    const colours = Array.from({ length: 256 }, (_, at) => `\x1b[38;5;${at}mcolour ${at}\x1b[0m`).join('\n');
    const { page, opened } = await show(consoleLog(3) + colours, 'axe.log');
    await row(page, 'step:0 ').waitFor();
    await row(page, 'step:1 ').click();
    assert.deepEqual(await opened.accessibilityProblemsIn(ALL_THEMES), []);
  });
});
