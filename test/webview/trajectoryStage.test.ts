import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import type { TrajectoryView } from '../../src/protocol/trajectoryView';
import { DEMO, twoCropRollout } from './support/demoData';
import { openWithHost, type HostData } from './support/fakeHost';
import { usePages } from './support/page';

const where = (page: Page, words: string) => page.locator('.where', { hasText: words });

/** The demo's first rollout with ground truth, and the overlap of each call. */
function withTruth(): HostData {
  const plain = twoCropRollout(0);
  const ious = [0, 0.7];
  const turns = plain.turns.map((turn) => ({
    ...turn,
    parts: turn.parts.map((part) =>
      part.kind === 'toolCall'
        ? { ...part, call: { ...part.call, iou: ious[part.call.number - 1] ?? 0 } }
        : part,
    ),
  }));
  const view: TrajectoryView = {
    ...plain,
    turns,
    groundTruthBoxes: {
      boxes: [{ x1: 1180, y1: 1130, x2: 1250, y2: 1230 }],
      from: 'chosenFile',
      name: 'b.json',
    },
  };
  return { ...DEMO, record: (index) => (index === 0 ? view : DEMO.record(index)) };
}

describe('the image stage', function () {
  this.timeout(60_000);
  const open = usePages();

  it('draws the ground truth dashed, says the IoU at a box, and g hides it for good', async () => {
    const { opened } = await openWithHost(open, withTruth());
    const { page } = opened;
    await where(page, 'part 8 of 8').waitFor();
    for (let press = 0; press < 3; press++) await page.keyboard.press('ArrowLeft');
    const line = page.locator('.truth-line');
    await line.waitFor();
    assert.notEqual(await line.evaluate((rect) => getComputedStyle(rect).strokeDasharray), 'none');
    assert.match((await page.locator('.stage-label.strong').textContent()) ?? '', /IoU 0\.70/);
    await page.keyboard.press('g');
    await line.waitFor({ state: 'detached' });
    assert.equal(await page.locator('[aria-live=polite]').textContent(), 'Ground-truth boxes hidden');
    await page.waitForFunction(() => sessionStorage.getItem('editor-state')?.includes('"truth":false'));
    await opened.reload();
    await where(page, 'part 5 of 8').waitFor();
    assert.equal(await line.count(), 0);
    await page.keyboard.press('g');
    await line.waitFor();
    assert.deepEqual(opened.records.errors, []);
  });

  it('says that no ground truth is known where g finds none', async () => {
    const { opened } = await openWithHost(open, DEMO);
    const { page } = opened;
    await where(page, 'part 8 of 8').waitFor();
    await page.keyboard.press('g');
    await page.getByText('No ground-truth boxes are known').waitFor({ state: 'attached' });
    assert.equal(await page.locator('.truth-line').count(), 0);
  });
});
