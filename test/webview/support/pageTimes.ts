import type { Page } from 'playwright-core';

/*
 * Times that a person would notice, by the clock of the page itself. Functions that run in the page are sent there as
 * text, so they use nothing from outside themselves.
 */

/** To be called before the page is opened: notes when the first row and the question stand on screen. */
export async function watchFirstPaint(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const times = globalThis as unknown as { firstPaint?: number };
    const isThere = (): boolean =>
      document.querySelector('[role=grid] .row-index') !== null &&
      (document.querySelector('.question-heading')?.textContent ?? '') !== '' &&
      document.querySelector('[role=grid] [role=row]:not(:has(.skeleton))') !== null;
    const look = (): void => {
      // Seen before a frame, it is on screen when the next one begins.
      if (isThere()) requestAnimationFrame(() => (times.firstPaint = performance.now()));
      else requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  });
}

/** Milliseconds from when the page's script had arrived, just before it runs, until real content was on screen. */
export async function firstPaint(page: Page): Promise<number> {
  await page.waitForFunction(
    () => (globalThis as unknown as { firstPaint?: number }).firstPaint !== undefined,
  );
  return page.evaluate(() => {
    const script = performance
      .getEntriesByType('resource')
      .find(({ name }) => name.endsWith('.js')) as PerformanceResourceTiming;
    return ((globalThis as unknown as { firstPaint: number }).firstPaint ?? NaN) - script.responseEnd;
  });
}

/** To be called before the page is opened: notes when the skeleton of a record stands on screen. */
export async function watchSkeleton(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const times = globalThis as unknown as { skeleton?: number };
    const look = (): void => {
      if (document.querySelector('.tree-skeleton'))
        requestAnimationFrame(() => (times.skeleton = performance.now()));
      else requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  });
}

/** Milliseconds from when the page's script had arrived until that skeleton was on screen. */
export async function skeletonTime(page: Page): Promise<number> {
  await page.waitForFunction(() => (globalThis as unknown as { skeleton?: number }).skeleton !== undefined);
  return page.evaluate(() => {
    const script = performance
      .getEntriesByType('resource')
      .find(({ name }) => name.endsWith('.js')) as PerformanceResourceTiming;
    return ((globalThis as unknown as { skeleton: number }).skeleton ?? NaN) - script.responseEnd;
  });
}

/**
 * Milliseconds from a key press, by the browser's stamp on it, until what it changes was drawn, of each press; infinite where
 * nothing has changed for ten seconds.
 * @param watched an element of which something changes with the key
 * @param attribute what changes of it
 */
export async function keyTimes(
  page: Page,
  keys: readonly string[],
  watched: string,
  attribute: string,
): Promise<number[]> {
  const times: number[] = [];
  for (const key of keys) {
    await page.evaluate(
      ([selector, name]) => {
        const slot = globalThis as unknown as { drawn: Promise<number> };
        const value = (): string | null | undefined => document.querySelector(selector)?.getAttribute(name);
        slot.drawn = new Promise((resolve) => {
          const before = value();
          const pressed = (event: Event): void => {
            const look = (): void => {
              if (value() === before) requestAnimationFrame(look);
              else requestAnimationFrame(() => resolve(performance.now() - event.timeStamp));
            };
            requestAnimationFrame(look);
          };
          addEventListener('keydown', pressed, { capture: true, once: true });
          setTimeout(() => resolve(Infinity), 10_000);
        });
      },
      [watched, attribute] as const,
    );
    await page.keyboard.press(key);
    times.push(await page.evaluate(() => (globalThis as unknown as { drawn: Promise<number> }).drawn));
  }
  return times;
}

/** What was seen while a list was scrolled from its beginning to its end. Milliseconds. */
export interface Scrolled {
  /** Longest time in which the window had no row, or one of its rows neither content nor its number. */
  readonly blank: number;
  /** Longest time in which no row of the window had its content. */
  readonly withoutContent: number;
  /** From the last movement until all rows of the window had their content. */
  readonly settled: number;
}

/**
 * Moves the scroll bar of the list evenly from the top towards the bottom.
 * @param duration in milliseconds
 * @param pixels how far; to the end where absent
 */
export async function scrollThrough(page: Page, duration: number, pixels = Infinity): Promise<Scrolled> {
  return page.evaluate(
    ([limit, most]) =>
      new Promise<{ blank: number; withoutContent: number; settled: number }>((resolve) => {
        const list = document.querySelector('[role=grid]') as HTMLElement;
        const distance = Math.min(most, list.scrollHeight - list.clientHeight);
        const begun = performance.now();
        const longest = { blank: 0, withoutContent: 0 };
        let [seen, filled, ended] = [begun, begun, 0];
        const frame = (): void => {
          const now = performance.now();
          const rows = [...list.querySelectorAll('[role=row]')];
          const isFull = rows.length > 0 && rows.every((row) => (row.textContent ?? '') !== '');
          const good = rows.filter((row) => row.querySelector('.skeleton') === null);
          // Nobody sees what was between two frames: what stood in the last one stands until this one.
          longest.blank = Math.max(longest.blank, isFull ? 0 : now - seen);
          longest.withoutContent = Math.max(longest.withoutContent, good.length > 0 ? 0 : now - filled);
          if (isFull) seen = now;
          if (good.length > 0) filled = now;
          const share = Math.min(1, (now - begun) / limit);
          list.scrollTop = distance * share;
          if (share === 1 && ended === 0) ended = now;
          if (ended > 0 && good.length === rows.length && isFull && now > ended + 34)
            resolve({ ...longest, settled: now - ended });
          else requestAnimationFrame(frame);
        };
        requestAnimationFrame(frame);
      }),
    [duration, pixels === Infinity ? Number.MAX_SAFE_INTEGER : pixels] as const,
  );
}

/** Mebibytes of the page's objects after everything that nobody needs was let go. */
export async function heapMib(page: Page): Promise<number> {
  const session = await page.context().newCDPSession(page);
  await session.send('HeapProfiler.collectGarbage');
  const { usedSize } = await session.send('Runtime.getHeapUsage');
  await session.detach();
  return usedSize / 2 ** 20;
}
