import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import type { PartView, TrajectoryView } from '../../src/protocol/trajectoryView';
import { DEMO, plainRollout, twoCropRollout, zoomCall } from './support/demoData';
import { openWithHost, readySource, rowOf, type HostData } from './support/fakeHost';
import { usePages } from './support/page';

const count = (page: Page, words: string) =>
  page.locator('.find-count').filter({ hasText: new RegExp(`^${words}$`) });

/** The words of the match that a person is at. */
const currentWords = (page: Page): Promise<string> =>
  page.evaluate(() => {
    const [range] = CSS.highlights.get('find-current') ?? [];
    if (!range) return '';
    const live = document.createRange();
    live.setStart(range.startContainer, range.startOffset);
    live.setEnd(range.endContainer, range.endOffset);
    return live.toString();
  });

/** Whether that match can be seen within the tree. */
const isInView = (page: Page): Promise<boolean> =>
  page.evaluate(() => {
    const [range] = CSS.highlights.get('find-current') ?? [];
    const view = document.querySelector('.tree-region')?.getBoundingClientRect();
    if (!range || !view) return false;
    const live = document.createRange();
    live.setStart(range.startContainer, range.startOffset);
    live.setEnd(range.endContainer, range.endOffset);
    const { top, bottom, height } = live.getBoundingClientRect();
    const folded = range.startContainer.parentElement?.closest('.folded, [hidden]') ?? null;
    return height > 0 && top >= view.top && bottom <= view.bottom && folded === null;
  });

function source(view: TrajectoryView): HostData {
  return { source: readySource(1), record: () => view, row: () => rowOf(view) };
}

/** One word in each place where a rollout says something. */
function everywhere(): TrajectoryView {
  const box = { x1: 10, y1: 20, x2: 110, y2: 140 };
  const parts: PartView[] = [
    { kind: 'thought', text: `${'A long way to it. '.repeat(600)}The zebra is **far** down.`, closed: true },
    {
      ...zoomCall(1, box, 'sign'),
      text: '{"name": "image_zoom_in_tool", "arguments": {"bbox_2d": [10, 20, 110, 140], "why": "zebra"}}',
    } as PartView,
    { kind: 'observation', text: 'Here is the zebra.', images: [] },
    { kind: 'observation', text: '', error: 'Error: no zebra', images: [] },
    { kind: 'answer', text: 'a zebra', closed: true },
  ];
  const call = parts[1];
  if (call?.kind === 'toolCall') parts[1] = { ...call, call: { ...call.call, text: call.text } };
  return plainRollout(0, {
    question: 'Is there a zebra?',
    user: 'Is there a zebra?',
    system: 'You look for a zebra.',
    turns: [{ raw: '<think>zebra</think>', parts, recovered: false }],
    groundTruth: 'one zebra',
    outcome: { status: 'error', reason: 'The zebra ran away.' },
  });
}

describe('finding in a rollout', function () {
  this.timeout(60_000);
  const open = usePages();

  it('finds in question, system prompt, folded thought, arguments, observations, answer and end', async () => {
    const { opened } = await openWithHost(open, source(everywhere()));
    const { page } = opened;
    await page.locator('#part-1').waitFor();
    await page.keyboard.press('Control+f');
    await page.keyboard.type('zebra');
    await count(page, '1 of 9').waitFor();
    const places: string[] = [];
    for (let index = 1; index <= 9; index++) {
      await count(page, `${index} of 9`).waitFor();
      assert.equal(await currentWords(page), 'zebra');
      assert.ok(index === 1 || (await isInView(page)), `match ${index} is in view`);
      places.push(
        await page.evaluate(() => {
          const [range] = CSS.highlights.get('find-current') ?? [];
          const element = range?.startContainer.parentElement;
          const place =
            element?.closest('.question-heading, .system-prompt, [id^=part-], .node.ending') ?? undefined;
          return place?.id || place?.className || '';
        }),
      );
      await page.keyboard.press('Enter');
    }
    assert.deepEqual(places, [
      'question-heading',
      'system-prompt',
      'part-1',
      'part-2',
      'part-3',
      'part-4',
      'part-5',
      'part-5',
      'node ending ended-error',
    ]);
    await count(page, '1 of 9').waitFor();
    assert.deepEqual(opened.records.errors, []);
  });

  it('moves the cursor along, forward and back, and gives the focus back at the end', async () => {
    const { opened } = await openWithHost(open, DEMO);
    const { page } = opened;
    await page.getByRole('tree').focus();
    await page.keyboard.press('Control+f');
    await page.getByRole('textbox', { name: 'Find in the rollout' }).fill('red machine');
    await count(page, '1 of 4').waitFor();
    await page.keyboard.press('Enter');
    await page.locator('.where', { hasText: 'part 4 of 8' }).waitFor();
    await page.keyboard.press('F3');
    await page.locator('.where', { hasText: 'part 5 of 8' }).waitFor();
    assert.equal(
      await page.getByRole('button', { name: 'as written' }).nth(1).getAttribute('aria-expanded'),
      'true',
    );
    await page.keyboard.press('Shift+F3');
    await page.locator('.where', { hasText: 'part 4 of 8' }).waitFor();
    await page.keyboard.press('Escape');
    assert.equal(await page.locator('.find-bar').isVisible(), false);
    assert.equal(await page.getByRole('tree').evaluate((tree) => tree === document.activeElement), true);
    assert.equal(await page.evaluate(() => CSS.highlights.get('find')?.size), 0);
  });

  it('minds case, words and expressions when told to, and says what is none', async () => {
    const { opened } = await openWithHost(open, DEMO);
    const { page } = opened;
    await page.keyboard.press('Control+f');
    const box = page.getByRole('textbox', { name: 'Find in the rollout' });
    await box.fill('THE RED');
    await count(page, '\\d+ of \\d+').waitFor();
    await page.getByRole('button', { name: 'Match case' }).click();
    await count(page, 'No results').waitFor();
    await page.getByRole('button', { name: 'Use regular expression' }).click();
    await box.fill('reads \\d\\.\\d+');
    await count(page, '1 of 1').waitFor();
    assert.equal(await currentWords(page), 'reads 2.50');
    await box.fill('reads (');
    await page.locator('.find-bar.failed .find-count', { hasText: 'no regular expression' }).waitFor();
    assert.deepEqual(await opened.accessibilityProblems(), []);
  });

  it('goes by what is drawn, says what the raw text has, and finds it there', async () => {
    const { opened } = await openWithHost(open, source(twoCropRollout(0)));
    const { page } = opened;
    await page.keyboard.press('Control+f');
    await page.getByRole('textbox', { name: 'Find in the rollout' }).fill('<|im_end|>');
    await count(page, 'No results here, 3 in the raw text \\(T\\)').waitFor();
    await page.keyboard.press('Escape');
    await page.keyboard.press('t');
    await page.keyboard.press('Control+f');
    await count(page, '1 of 3').waitFor();
    await page.keyboard.press('F3');
    await count(page, '2 of 3').waitFor();
    assert.equal(await isInView(page), true);
  });

  it('stays while other rollouts are shown, and finds in them', async () => {
    const { opened } = await openWithHost(open, DEMO);
    const { page } = opened;
    await page.keyboard.press('Control+f');
    await page.getByRole('textbox', { name: 'Find in the rollout' }).fill('stalls');
    await count(page, '1 of 1').waitFor();
    await page.getByRole('tree').focus();
    await page.keyboard.press('j');
    await count(page, '\\? of 14').waitFor();
  });

  it('keeps the page answering in a thought of 20,480 tokens', async () => {
    const line = (i: number): string => `Step ${i}: the **sign** on stall ${i} may read 2.50 or not.`;
    const text = Array.from({ length: 1250 }, (_, i) => line(i)).join('\n\n');
    const view = plainRollout(0, {
      turns: [
        { raw: text, parts: [{ kind: 'thought', text, closed: true, tokens: 20_480 }], recovered: false },
      ],
    });
    const { opened } = await openWithHost(open, source(view));
    const { page } = opened;
    await page.locator('#part-1').waitFor();
    await page.evaluate(() => {
      const held = { longest: 0 };
      let last = performance.now();
      const tick = (): void => {
        held.longest = Math.max(held.longest, performance.now() - last);
        last = performance.now();
        setTimeout(tick);
      };
      tick();
      Object.assign(globalThis, { held });
    });
    await page.keyboard.press('Control+f');
    await page.keyboard.type('stall 1249');
    await count(page, '1 of 1').waitFor();
    assert.equal(await isInView(page), true);
    const longest = await page.evaluate(
      () => (globalThis as unknown as { held: { longest: number } }).held.longest,
    );
    console.log(`        longest hold ${longest.toFixed(0)} ms, first search with all of the drawing`);
    assert.ok(longest < 5000, `${longest} ms`);
    await page.evaluate(() => ((globalThis as unknown as { held: { longest: number } }).held.longest = 0));
    await page.getByRole('button', { name: 'Use regular expression' }).click();
    await page.getByRole('textbox', { name: 'Find in the rollout' }).fill('sign.*stall \\d*9 ');
    await count(page, '1 of 125').waitFor();
    const again = await page.evaluate(
      () => (globalThis as unknown as { held: { longest: number } }).held.longest,
    );
    console.log(`        longest hold of an expression ${again.toFixed(0)} ms`);
    assert.ok(again < 2000, `${again} ms`);
  });
});
