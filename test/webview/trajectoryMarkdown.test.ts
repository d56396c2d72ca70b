import assert from 'node:assert/strict';
import type { PartView, TrajectoryView } from '../../src/protocol/trajectoryView';
import { plainRollout } from './support/demoData';
import { openWithHost, readySource, rowOf, type HostData } from './support/fakeHost';
import { ALL_THEMES, usePages } from './support/page';

const THOUGHT = [
  '## Plan',
  'Look at the **red** sign, `bbox_2d`, and [a page](https://a.test/x) but not [this](command:x).',
  '',
  '1. first',
  '2. second',
  '',
  'The area is $w \\times h = 12^2$ and',
  '',
  '$$\\frac{a}{b} = \\sqrt{2}$$',
  '',
  '| sign | colour |',
  '| --- | --- |',
  '| left | red |',
  '',
  '```',
  '<b>raw</b>',
  '```',
].join('\n');

function rollout(parts: readonly PartView[], more: Partial<TrajectoryView> = {}): HostData {
  const record = plainRollout(0, { turns: [{ raw: THOUGHT, parts, recovered: false }], ...more });
  return { source: readySource(1), row: () => rowOf(record), record: () => record };
}

const SAID: readonly PartView[] = [
  { kind: 'thought', text: THOUGHT, closed: true },
  { kind: 'answer', text: 'It is **red**, $x^2$.', closed: true },
];

describe('Markdown and formulas in the tree', function () {
  this.timeout(60_000);
  const open = usePages();

  it('draws marks as elements, formulas as MathML, and only honest links', async () => {
    const { opened } = await openWithHost(open, rollout(SAID));
    const { page } = opened;
    const thought = page.locator('#part-1 .markdown');
    await thought.waitFor();
    assert.equal(await thought.locator('strong').textContent(), 'red');
    assert.equal(await thought.locator('.md-heading').textContent(), 'Plan');
    assert.deepEqual(await thought.locator('li').allTextContents(), ['first', 'second']);
    assert.equal(await thought.locator('pre').textContent(), '<b>raw</b>\n');
    assert.equal(await thought.locator('td').first().textContent(), 'left');
    assert.equal(await thought.locator('math').count(), 2);
    assert.equal(await thought.locator('math mfrac').count(), 1);
    assert.equal(await thought.locator('annotation, [style]').count(), 0);
    const links = await thought.locator('a').evaluateAll((all) => all.map((a) => a.getAttribute('href')));
    assert.deepEqual(links, ['https://a.test/x']);
    assert.match((await thought.textContent()) ?? '', /\[this\]\(command:x\)/);
    assert.equal(await page.locator('.answer-box strong').textContent(), 'red');
    const height = await thought.locator('mfrac').evaluate((node) => node.getBoundingClientRect().height);
    assert.ok(height > 20, `a fraction stands over two lines: ${height}`);
    assert.deepEqual(opened.records.errors, []);
    assert.deepEqual(opened.records.policyViolations, []);
  });

  it('keeps what is being written plain until its part is closed', async () => {
    const running = (text: string, closed: boolean) =>
      rollout([{ kind: 'thought', text, closed }], { outcome: { status: closed ? 'finished' : 'running' } });
    const { opened, host } = await openWithHost(open, running('is **red', false));
    await opened.page.locator('.writing').waitFor();
    assert.match((await opened.page.locator('#part-1').textContent()) ?? '', /is \*\*red/);
    host.use(running('is **red**', true));
    await host.page.imagesChanged();
    await opened.page.locator('#part-1 strong').waitFor();
  });

  it('leaves the raw text one key away', async () => {
    const { opened } = await openWithHost(open, rollout(SAID));
    await opened.page.locator('#part-1 .markdown').waitFor();
    await opened.page.keyboard.press('t');
    assert.ok(((await opened.page.locator('.raw').textContent()) ?? '').includes('Look at the **red** sign'));
  });

  it('folds a long thought and draws its rest when it is asked for', async () => {
    const long = Array.from({ length: 400 }, (_, i) => `- item **${i}**`).join('\n');
    const { opened } = await openWithHost(open, rollout([{ kind: 'thought', text: long, closed: true }]));
    const { page } = opened;
    await page.locator('#part-1 .folded').waitFor();
    const box = await page.locator('#part-1 .file-markdown').boundingBox();
    assert.ok(box && box.height < 200);
    assert.ok((await page.locator('#part-1 li').count()) < 400);
    await page.getByRole('button', { name: 'Show more' }).click();
    await page.getByRole('button', { name: /Show all/ }).click();
    assert.equal(await page.locator('#part-1 li').count(), 400);
  });

  it('has no accessibility problem in any theme', async function () {
    this.timeout(180_000);
    const { opened } = await openWithHost(open, rollout(SAID));
    await opened.page.locator('#part-1 .markdown').waitFor();
    assert.deepEqual(await opened.accessibilityProblemsIn(ALL_THEMES), []);
  });
});
