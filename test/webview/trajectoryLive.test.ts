import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import type { PartView, TrajectoryView } from '../../src/protocol/trajectoryView';
import { plainRollout, twoCropRollout } from './support/demoData';
import type { FakeHost, HostData } from './support/fakeHost';
import { openWithHost } from './support/fakeHost';
import { eventLog, rolloutInThought } from './support/liveData';
import { ALL_THEMES, usePages } from './support/page';

const WORDS = 'This is only a wall and a bin. The red machine stands further to the left,';

/** The host has more now, and says so. */
async function grow(host: FakeHost, data: HostData): Promise<void> {
  host.use(data);
  await host.page.sourceChanged(data.source);
}

const written = (page: Page) => page.locator('.writing .streamed');
const distanceToEnd = (page: Page): Promise<number> =>
  page.locator('.tree-region').evaluate((region) => {
    return region.scrollHeight - region.scrollTop - region.clientHeight;
  });

describe('a rollout that is being written', function () {
  this.timeout(60_000);
  const open = usePages();

  it('says what it is at, marks the part that is written, and lets its text grow in place', async () => {
    const { opened, host } = await openWithHost(open, eventLog([rolloutInThought(0, WORDS)]));
    const { page } = opened;
    await page.getByText('Generating · thought').waitFor();
    await page.getByText('thought · being written').waitFor();
    assert.equal(await written(page).textContent(), WORDS);
    assert.equal(await page.getByText('never closed').count(), 0, 'what goes on will be closed');
    await page.locator('.crop-image').waitFor();
    const node = await page.locator('#part-4').elementHandle();
    const crop = await page.locator('.crop-image').elementHandle();
    const image = await page.locator('.stage-image').elementHandle();
    await grow(host, eventLog([rolloutInThought(0, `${WORDS} so I will look there. </thi`)]));
    await page.getByText('so I will look there.').waitFor();
    assert.equal(await written(page).textContent(), `${WORDS} so I will look there. `, 'no half of a tag');
    for (const handle of [node, crop, image])
      assert.equal(await handle?.evaluate((element) => element.isConnected), true, 'stands as it stood');
    await page.locator('.live-end', { hasText: /\d+ tokens/ }).waitFor();
    assert.deepEqual(opened.records.errors, []);
  });

  it('ends in place: the thought stays open, the answer and the verdict come', async () => {
    const long = `${WORDS} `.repeat(12);
    const { opened, host } = await openWithHost(open, eventLog([rolloutInThought(0, long)]));
    const { page } = opened;
    await page.getByText('Generating · thought').waitFor();
    const done = twoCropRollout(0);
    const turns = done.turns.map((turn, index) =>
      index === 1
        ? {
            ...turn,
            parts: turn.parts.map((part) => (part.kind === 'thought' ? { ...part, text: long } : part)),
          }
        : turn,
    );
    await grow(host, eventLog([{ ...done, turns }]));
    await page.locator('.where', { hasText: 'part 8 of 8' }).waitFor();
    assert.equal(await page.locator('.live-end').count(), 0);
    assert.equal(await page.locator('.live-tag').isVisible(), false);
    // A thought of this length begins folded in a log that is only read.
    assert.equal(await page.locator('#part-4').getAttribute('aria-expanded'), 'true');
    await page.locator('[aria-live=polite]', { hasText: 'Finished' }).waitFor({ state: 'attached' });
  });

  it('waits for the model before the first word, and for its look at a crop', async () => {
    const started = plainRollout(0, { outcome: { status: 'running' } });
    const { opened, host } = await openWithHost(open, eventLog([started]));
    const { page } = opened;
    await page.locator('.live-end', { hasText: 'Waiting for the model' }).waitFor();
    const {
      turns: [first],
    } = twoCropRollout(0);
    assert.ok(first);
    const pending = {
      ...first,
      parts: first.parts.map((part) =>
        part.kind === 'observation' ? { ...part, pending: true as const } : part,
      ),
    };
    await grow(host, eventLog([{ ...started, turns: [pending] }]));
    await page.getByText('Running the tool').waitFor();
    await page.getByText('cut by the call; the model has not seen it yet').waitFor();
    await grow(host, eventLog([{ ...started, turns: [first] }]));
    await page.getByText('Waiting for the model to look').waitFor();
    assert.equal(await page.getByText('the model has not seen it yet').count(), 0);
  });

  it('says for how long nothing came, and that an old one has no end', async () => {
    const quiet = eventLog([rolloutInThought(0, WORDS)], { writtenAt: Date.now() - 42_000 });
    const { opened } = await openWithHost(open, quiet);
    await opened.page.getByText(/nothing written for 4\d s/).waitFor();
    const old = eventLog([rolloutInThought(0, WORDS)], { writtenAt: Date.now() - 3 * 3600_000 });
    const left = await openWithHost(open, old);
    await left.opened.page.getByText('No end was written: interrupted, or very slow').waitFor();
    await left.opened.page.getByText('nothing written for 3 h').waitFor();
    assert.equal(await left.opened.page.locator('.live-tag').isVisible(), false);
  });

  it('says why a rollout was cancelled or broke, without calling that a missing answer', async () => {
    for (const status of ['cancelled', 'error'] as const) {
      const reason = `It ${status} for a reason of two lines\nand a half.`;
      const ended: TrajectoryView = { ...rolloutInThought(0, WORDS), outcome: { status, reason } };
      const { opened } = await openWithHost(open, eventLog([ended]));
      const ending = opened.page.locator(`.ended-${status}`);
      await ending.getByText(reason.split('\n')[1] ?? '').waitFor();
      assert.equal(await ending.getByText('no answer').count(), 0);
      await opened.page.getByText('not judged: it has no end of its own').waitFor();
    }
  });
});

describe('a rollout that is being written, where one looks', function () {
  this.timeout(120_000);
  const open = usePages();
  const viewport = { width: 1000, height: 560 };

  it('keeps the cursor and the window at the end, until a person goes elsewhere', async () => {
    const lines = (count: number) =>
      Array.from({ length: count }, (_, line) => `${line}: ${WORDS}`).join('\n');
    const { opened, host } = await openWithHost(open, eventLog([rolloutInThought(0, lines(20))]), {
      viewport,
    });
    const { page } = opened;
    await page.locator('.where', { hasText: 'part 4 of 4' }).waitFor();
    await page.getByText(`19: ${WORDS}`).waitFor();
    assert.ok((await distanceToEnd(page)) < 2, 'opens at the end');
    await grow(host, eventLog([rolloutInThought(0, lines(40))]));
    await page.getByText(`39: ${WORDS}`).waitFor();
    assert.ok((await distanceToEnd(page)) < 2, 'follows');
    await page.locator('.tree-region').hover();
    await page.mouse.wheel(0, -400);
    await page.getByRole('button', { name: 'Follow' }).waitFor();
    const place = await page.locator('.tree-region').evaluate((region) => region.scrollTop);
    await grow(host, eventLog([rolloutInThought(0, lines(60))]));
    await page.getByText(`59: ${WORDS}`).waitFor();
    assert.equal(await page.locator('.tree-region').evaluate((region) => region.scrollTop), place, 'stays');
    await page.getByRole('button', { name: 'Follow' }).click();
    assert.ok((await distanceToEnd(page)) < 2, 'back at the end');
    await page.keyboard.press('ArrowLeft');
    await page.locator('.where', { hasText: 'part 3 of 4' }).waitFor();
    await grow(host, eventLog([rolloutInThought(0, lines(61))]));
    await page.getByText(`60: ${WORDS}`).waitFor({ state: 'attached' });
    await page.locator('.where', { hasText: 'part 3 of 4' }).waitFor();
    await page.keyboard.press('End');
    const after = { ...twoCropRollout(0), outcome: { status: 'running' as const } };
    await grow(host, eventLog([after]));
    await page.locator('.where', { hasText: 'part 8 of 8' }).waitFor();
  });

  it('opens on the last rollout while that is written, and on the first where none is', async () => {
    const all = [0, 1, 2].map((index) => twoCropRollout(index));
    const live = rolloutInThought(2, WORDS, { question: 'The newest one?' });
    const { opened } = await openWithHost(open, eventLog([...all.slice(0, 2), live]));
    await opened.page.locator('.question-heading', { hasText: 'The newest one?' }).waitFor();
    const still = await openWithHost(open, eventLog(all));
    await still.opened.page.locator('#row-0[aria-selected=true]').waitFor();
  });

  it('goes on to a rollout that is appended, unless a person reads another one', async () => {
    const done = twoCropRollout(0);
    const next = rolloutInThought(1, WORDS, { question: 'Run again?' });
    const newest = rolloutInThought(2, WORDS, { question: 'And again?' });
    const { opened, host } = await openWithHost(open, eventLog([done]));
    const { page } = opened;
    await page.locator('.where', { hasText: 'part 8 of 8' }).waitFor();
    await grow(host, eventLog([done, next]));
    await page.locator('.question-heading', { hasText: 'Run again?' }).waitFor();
    // A third begins while the second goes on: only its end sets the page free.
    await grow(host, eventLog([done, next, newest]));
    await page.locator('#row-2').waitFor();
    await page.locator('.question-heading', { hasText: 'Run again?' }).waitFor();
    const ended = { ...twoCropRollout(1), question: 'Run again?' };
    await grow(host, eventLog([done, ended, newest]));
    await page.locator('.question-heading', { hasText: 'And again?' }).waitFor();
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('ArrowUp');
    await page.locator('#row-0[aria-selected=true]').waitFor();
    await grow(host, eventLog([done, ended, newest, rolloutInThought(3, WORDS)]));
    await page.locator('#row-3').waitFor();
    assert.equal(await page.locator('#row-0').getAttribute('aria-selected'), 'true');
  });

  it('does little for each of 10,000 tokens', async () => {
    const word = (index: number): string => ['the', 'card', 'reads', 'three', 'ten,\n'][index % 5] ?? '';
    const words: string[] = Array.from({ length: 10_000 }, (_, index) => word(index));
    const upTo = (count: number): string => words.slice(0, count).join(' ');
    const { opened, host } = await openWithHost(open, eventLog([rolloutInThought(0, upTo(1))]));
    const { page } = opened;
    await written(page).waitFor();
    await page.evaluate(() => {
      const counts = { added: 0, removed: 0, changed: 0, long: 0 };
      Object.assign(globalThis, { counts });
      new MutationObserver((records) => {
        for (const { type, addedNodes, removedNodes } of records) {
          if (type === 'characterData') counts.changed++;
          counts.added += addedNodes.length;
          counts.removed += removedNodes.length;
        }
      }).observe(document.body, { subtree: true, childList: true, characterData: true });
      new PerformanceObserver((list) => (counts.long += list.getEntries().length)).observe({
        type: 'longtask',
      });
    });
    const steps = 200;
    for (let step = 1; step <= steps; step++) {
      const data = eventLog([rolloutInThought(0, upTo((10_000 / steps) * step))]);
      host.use(data);
      void host.page.sourceChanged(data.source);
      await page.waitForTimeout(15);
    }
    await page.waitForFunction(
      (length) => document.querySelector('.writing .streamed')?.textContent?.length === length,
      upTo(10_000).length,
    );
    const counts = await page.evaluate(
      () =>
        (globalThis as unknown as { counts: Record<'added' | 'removed' | 'changed' | 'long', number> })
          .counts,
    );
    // Of 200 reports: a block of text now and then, and the figures. A tree drawn anew would add some 100 nodes each.
    assert.ok(counts.added < steps * 12, JSON.stringify(counts));
    assert.ok(
      (await page.locator('.streamed-block').count()) > 15,
      'in blocks, so that only the last is laid out',
    );
  });

  it('has no accessibility violation in any theme', async function () {
    this.timeout(180_000);
    const { opened } = await openWithHost(open, eventLog([rolloutInThought(0, WORDS)]));
    await opened.page.getByText('Generating · thought').waitFor();
    await opened.page.locator('.crop-image').waitFor();
    assert.deepEqual(await opened.accessibilityProblemsIn(ALL_THEMES), []);
    assert.deepEqual(opened.records.policyViolations, []);
  });
});

describe('crops of crops, judges and settings', function () {
  this.timeout(60_000);
  const open = usePages();

  /** A second call on the crop of the first, and a third on a picture that lies on no other. */
  function deepRollout(): TrajectoryView {
    const whole = twoCropRollout(0);
    const turns = whole.turns.map((turn, index) => ({
      ...turn,
      parts: turn.parts.map((part): PartView => {
        if (part.kind === 'observation')
          return { ...part, images: part.images.map((image) => ({ ...image, call: index + 1 })) };
        if (part.kind !== 'toolCall' || index === 0) return part;
        const box = { x1: 1276, y1: 1140, x2: 1300, y2: 1180 };
        return {
          ...part,
          call: { ...part.call, source: 'observation:0:0', place: { image: 'original:0', box } },
        };
      }),
    }));
    const settings = [
      ['Model', 'demo'],
      ['Seed', '7'],
    ] as const;
    const reason = 'The judge gave no verdict.';
    const { verdict: _verdict, ...rest } = whole;
    return {
      ...rest,
      turns,
      settings,
      reward: {
        formula: 'deepeyes',
        parts: [
          { name: 'format', value: 0, weight: 0.2, provenance: 'recomputed', reason: 'Every count matches.' },
        ],
        unknown: [{ name: 'accuracy', reason, replies: ['Hard to say.', 'Maybe.'] }],
      },
    };
  }

  it('hangs a call on a crop under that crop, one level deeper, and draws its box on both', async () => {
    const { opened } = await openWithHost(open, eventLog([deepRollout()]));
    const { page } = opened;
    const source = page.locator('.source-image');
    await source.getByText('the crop of tool call 1').first().waitFor();
    const level = (selector: string) => page.locator(selector).getAttribute('aria-level');
    const levels = [await level('#part-2'), await level('#part-5'), await level('#part-6')];
    assert.deepEqual(levels, ['2', '3', '4']);
    assert.equal(await source.locator('#part-5').count(), 1);
    await source.locator('.source-box').waitFor();
    assert.equal(await page.locator('.stage-box:not(.hidden)').count(), 2);
    assert.deepEqual(await opened.accessibilityProblems(), []);
  });

  it('shows the very crop on the stage where its box lies on nothing else', async () => {
    const base = deepRollout();
    const turns = base.turns.map((turn) => ({
      ...turn,
      parts: turn.parts.map((part): PartView => {
        if (part.kind !== 'toolCall' || part.call.source === undefined) return part;
        const place = { image: 'observation:0:0', box: { x1: 4, y1: 4, x2: 40, y2: 40 } };
        return { ...part, call: { ...part.call, place } };
      }),
    }));
    const { opened } = await openWithHost(open, eventLog([{ ...base, turns }]));
    const { page } = opened;
    await page.locator('.stage-name', { hasText: 'Crop of tool call 1' }).waitFor();
    assert.equal(await page.locator('.stage-box').count(), 1, 'and no box of another picture');
    await page.keyboard.press('Home');
    await page.locator('.stage-name', { hasText: 'street.jpg' }).waitFor();
  });

  it('says unknown where nobody could tell, with the reason and what the judge said, and the settings', async () => {
    const { opened } = await openWithHost(open, eventLog([deepRollout()]));
    const details = opened.page.locator('.details-region');
    await details.locator('.detail', { hasText: 'accuracy' }).getByText('unknown', { exact: true }).waitFor();
    await details.getByText('The judge gave no verdict.').waitFor();
    assert.equal(await details.getByText('Hard to say.').isVisible(), false, 'folded');
    await details.getByText('What the judge said, 2 times').click();
    await details.getByText('Hard to say.').waitFor();
    await details.locator('.detail', { hasText: 'Total' }).getByText('unknown', { exact: true }).waitFor();
    await details.getByText('Settings').click();
    await details.locator('.settings .detail', { hasText: 'Seed' }).getByText('7', { exact: true }).waitFor();
    assert.deepEqual(await opened.accessibilityProblems(), []);
  });
});
