import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { DEMO } from './support/demoData';
import { openWithHost, type HostData } from './support/fakeHost';
import { usePages } from './support/page';

const ROWS = Array.from({ length: 4 }, (_, index) => ({ index, correct: index % 3 > 0, reward: index % 3 }));
const DATA: HostData = {
  ...DEMO,
  siblings: () => ({ count: 4, rows: ROWS, rewarded: 4, mean: 1, deviation: 0.9, next: 1 }),
};

/** Grounds of elements, as they are painted. */
const grounds = (page: Page, selector: string): Promise<string[]> =>
  page
    .locator(selector)
    .evaluateAll((all) => all.map((element) => getComputedStyle(element).backgroundColor));

describe('the trajectory page under the system’s wishes', function () {
  this.timeout(60_000);
  const open = usePages();

  for (const colorScheme of ['light', 'dark'] as const) {
    it(`says with forced ${colorScheme} colours what a ground alone says`, async () => {
      const { opened } = await openWithHost(open, DATA, {
        state: { selected: 0, part: 5 },
        beforeLoad: (page) => page.emulateMedia({ forcedColors: 'active', colorScheme }),
      });
      const { page } = opened;
      await page.locator('.where', { hasText: 'part 5 of 8' }).waitFor();
      await page.locator('.sibling-bar').nth(3).waitFor();
      assert.ok(await page.evaluate(() => matchMedia('(forced-colors: active)').matches));
      const [canvas = ''] = await grounds(page, 'body');
      assert.equal(new Set(await grounds(page, '.mark')).size, 4, 'a colour for each kind of part');
      for (const drawn of ['.mark', '.needle', '.swatch', '.reward-piece', '.sibling-bar']) {
        const own = await grounds(page, drawn);
        assert.ok(own.length > 0 && !own.includes(canvas), `${drawn}: ${own.join(', ')} on ${canvas}`);
      }
      const pairs = [
        ['.virtual-row[aria-selected=true]', '#row-1'],
        ['.frame-choice[aria-checked=true]', '.frame-choice:not([aria-checked=true])'],
      ] as const;
      for (const [chosen, other] of pairs) {
        const [[its], [others]] = [await grounds(page, chosen), await grounds(page, other)];
        assert.notEqual(its, others, chosen);
      }
      const rail = (selector: string): Promise<string> =>
        page
          .locator(selector)
          .first()
          .evaluate((element) => getComputedStyle(element).outlineStyle);
      assert.equal(await rail('.node.current > .rail'), 'solid');
      assert.equal(await rail('.node:not(.current) > .rail'), 'none');
    });
  }

  it('moves nothing by itself for those who want less motion', async () => {
    const moving = (page: Page): Promise<number> =>
      page.evaluate(() => document.getAnimations().filter(({ playState }) => playState === 'running').length);
    const slow = { ...DATA, delay: 30_000 };
    const lively = (await openWithHost(open, slow)).opened.page;
    await lively.locator('.skeleton').first().waitFor();
    assert.ok((await moving(lively)) > 0, 'a skeleton breathes for others');
    const still = await openWithHost(open, slow, {
      beforeLoad: (page) => page.emulateMedia({ reducedMotion: 'reduce' }),
    });
    await still.opened.page.locator('.skeleton').first().waitFor();
    assert.equal(await moving(still.opened.page), 0);
  });

  it('steps without gliding for those who want less motion', async () => {
    const { opened } = await openWithHost(open, DATA, {
      beforeLoad: (page) => page.emulateMedia({ reducedMotion: 'reduce' }),
    });
    const { page } = opened;
    await page.locator('.where', { hasText: 'part 8 of 8' }).waitFor();
    await page.locator('.stage-image[src^="blob:"]').waitFor();
    const duration = (): Promise<string> =>
      page.locator('.needle').evaluate((needle) => getComputedStyle(needle).transitionDuration);
    assert.equal(await duration(), '0s');
    for (const key of ['Home', 'ArrowRight', 'ArrowRight', 'ArrowRight', 'End']) {
      await page.keyboard.press(key);
      assert.equal(await page.evaluate(() => document.getAnimations().length), 0, key);
    }
    await page.emulateMedia({ reducedMotion: 'no-preference' });
    assert.notEqual(await duration(), '0s', 'others see it glide');
  });
});
