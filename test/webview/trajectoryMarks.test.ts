import assert from 'node:assert/strict';
import type { PartView } from '../../src/protocol/trajectoryView';
import { plainRollout, zoomCall } from './support/demoData';
import { openWithHost, readySource, rowOf, type HostData } from './support/fakeHost';
import { usePages } from './support/page';

const SENTENCE =
  "DeepEyes' training environment would have refused this box: its side of 20 px is too short.";
const BOX = { x1: 10, y1: 20, x2: 110, y2: 40 };

const PARTS: readonly PartView[] = [
  { kind: 'thought', text: 'Look there.', closed: true, tokens: 4 },
  { ...zoomCall(1, BOX, 'sign', { iou: 0.25 }), contradictions: [SENTENCE] },
  { kind: 'observation', text: 'a crop', images: [], tokens: 12 },
];

const DATA: HostData = {
  source: readySource(1),
  record: () =>
    plainRollout(0, { system: 'You see.', turns: [{ raw: 'x', parts: PARTS, recovered: false }] }),
  row: () => rowOf(plainRollout(0)),
};

describe('marks and folds in the tree', function () {
  this.timeout(60_000);
  const open = usePages();

  it('says a contradiction at its part, to the eye and when the cursor comes there', async () => {
    const { opened } = await openWithHost(open, DATA, { state: { selected: 0, part: 1 } });
    const { page } = opened;
    const mark = page.locator('#part-2 > .contradiction');
    await mark.waitFor();
    assert.equal(await mark.innerText(), SENTENCE);
    assert.equal(await mark.getByRole('img', { name: 'contradiction' }).count(), 1);
    assert.equal(await page.locator('.contradiction').count(), 1);
    await page.keyboard.press('ArrowRight');
    await page.locator('[aria-live=polite]', { hasText: `contradiction: ${SENTENCE}` }).waitFor();
    assert.deepEqual(await opened.accessibilityProblems(), []);
  });

  it('shows IoU and tokens, folds the call as written, and the system prompt', async () => {
    const { opened } = await openWithHost(open, DATA, { state: { selected: 0, part: 2 } });
    const { page } = opened;
    await page.locator('#part-2 .call-box', { hasText: 'IoU 0.25' }).waitFor();
    await page.locator('#part-1 .node-tokens', { hasText: '4 tokens' }).waitFor();
    await page.locator('#part-3 .node-tokens', { hasText: '12 tokens, outside the loss' }).waitFor();
    const written = page.locator('#call-written-1');
    assert.equal(await written.isVisible(), false);
    await page.keyboard.press('Enter');
    assert.match(await written.innerText(), /"bbox_2d": \[10, 20, 110, 40\]/);
    await page.keyboard.press('Enter');
    assert.equal(await written.isVisible(), false);
    const system = page.locator('#system-prompt');
    assert.equal(await system.isVisible(), false);
    await page.getByRole('button', { name: 'system prompt' }).click();
    assert.equal(await system.isVisible(), true);
    assert.deepEqual(
      await page.locator('[role=treeitem]').evaluateAll((items) => items.map((item) => item.ariaLevel)),
      ['1', '1', '2', '2', '3', '1'],
    );
  });
});
