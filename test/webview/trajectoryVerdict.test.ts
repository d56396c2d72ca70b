import assert from 'node:assert/strict';
import { rewardFormula } from '../../src/analysis/rewardFormula';
import type { TrajectoryView } from '../../src/protocol/trajectoryView';
import type { Reward } from '../../src/trajectory/reward';
import { DEMO, plainRollout, twoCropRollout } from './support/demoData';
import type { HostData } from './support/fakeHost';
import { openWithHost, readySource, rowOf } from './support/fakeHost';
import { ALL_THEMES, usePages } from './support/page';

const WHOLE = { viewport: { width: 1440, height: 1400 } };

/** One rollout, and the reward that each formula gives it. */
function withRewards(
  view: TrajectoryView,
  rewards: Readonly<Record<string, Partial<TrajectoryView>>>,
): HostData {
  let chosen = 'recorded';
  const shown = (): TrajectoryView => ({ ...view, ...rewards[chosen] });
  return {
    ...DEMO,
    source: readySource(1),
    row: () => rowOf(shown()),
    record: shown,
    useFormula: (name) => (chosen = name),
  };
}

const part = (name: string, value: number, weight: number): Reward['parts'][number] => ({
  name,
  value,
  weight,
  provenance: 'recomputed',
});

const SWITCHED = withRewards(twoCropRollout(0), {
  'ablation-none': {
    reward: {
      total: 0.8,
      totalProvenance: 'recomputed',
      formula: 'ablation-none',
      parts: [part('accuracy', 1, 0.8), part('format', 0, 0.2)],
    },
    recordedReward: 2,
  },
});

const SIGNS: Partial<TrajectoryView> = {
  patterns: [
    {
      name: 'visual search',
      why: '2 regions were looked at, and the words between them say that the search goes on.',
      evidence: [
        { kind: 'box', turn: 0, part: 1, box: { x1: 1262, y1: 1128, x2: 1330, y2: 1212 } },
        {
          kind: 'phrase',
          turn: 1,
          part: 0,
          range: { start: 0, end: 10 },
          text: 'This is only a wall and a bin.',
          role: 'not found',
        },
      ],
    },
  ],
  signals: {
    found: [{ words: 'repeated box', meaning: 'A box equals an earlier one.' }],
    unknown: [{ words: 'right, box misses', meaning: 'No box holds any of it.' }],
  },
};

const one = (more: Partial<TrajectoryView>): HostData => withRewards({ ...twoCropRollout(0), ...more }, {});

describe('the verdict', function () {
  this.timeout(60_000);
  const open = usePages();

  it('shows rewards by another formula, chosen by keyboard: here, in the list, and after a reload', async () => {
    const { opened, host } = await openWithHost(open, SWITCHED, WHOLE);
    const { page } = opened;
    const region = page.getByRole('region', { name: 'Verdict and reward' });
    await region.getByText('2.0', { exact: true }).first().waitFor();
    assert.equal(await page.locator('.formula-line').textContent(), rewardFormula('deepeyes')?.label);
    const choice = region.getByRole('combobox', { name: 'Reward formula' });
    assert.equal(await choice.inputValue(), 'recorded');
    assert.equal(await choice.locator('option').count(), 13);
    await choice.focus();
    await page.keyboard.type('Ablation, no');
    await page.locator('.row-reward', { hasText: '0.8' }).waitFor();
    await region.getByText('In the record').waitFor();
    assert.ok(host.asked.includes('useFormula ablation-none'));
    const total = region.locator('.detail', { hasText: 'Total' });
    assert.match((await total.textContent()) ?? '', /0\.8.*recomputed/);
    assert.match(
      (await region.locator('.detail', { hasText: 'In the record' }).textContent()) ?? '',
      /2\.0.*stored/,
    );
    assert.equal(await choice.evaluate((node) => document.activeElement === node), true, 'the focus stays');
    const said = await page.locator('[aria-live=polite]').textContent();
    assert.equal(said, `Rewards by ${rewardFormula('ablation-none')?.label}`);
    await page.waitForFunction(() => sessionStorage.getItem('editor-state')?.includes('"ablation-none"'));
    host.asked.length = 0;
    await opened.reload();
    await page.locator('.row-reward', { hasText: '0.8' }).waitFor();
    assert.ok(host.asked.includes('useFormula ablation-none'));
    assert.equal(await choice.inputValue(), 'ablation-none');
    assert.deepEqual(opened.records.errors, []);
  });

  it('sorts the list anew by another formula', async () => {
    const { opened, host } = await openWithHost(open, SWITCHED, WHOLE);
    const { page } = opened;
    await page.getByRole('button', { name: 'Reward', exact: true }).click();
    await page.locator('.row-reward', { hasText: '2.0' }).waitFor();
    host.asked.length = 0;
    await page.getByRole('combobox', { name: 'Reward formula' }).selectOption('ablation-none');
    await page.locator('.row-reward', { hasText: '0.8' }).waitFor();
    const order = host.asked.filter((asked) => /^(useFormula|listQuery)/.test(asked));
    assert.deepEqual(order, ['useFormula ablation-none', 'listQuery  by reward']);
  });

  it('says unknown where a part can not be told, and never 0', async () => {
    const reward: Reward = {
      formula: 'deepeyes',
      parts: [part('format', 0, 0.2)],
      unknown: [
        { name: 'accuracy', reason: 'Nobody has judged the answer.' },
        { name: 'tool', reason: '2 crops came back. It depends on accuracy, which is not known.' },
      ],
    };
    const { verdict: _verdict, ...unjudged } = twoCropRollout(0);
    const { opened } = await openWithHost(open, withRewards({ ...unjudged, reward }, {}), WHOLE);
    const facts = opened.page.locator('.details-region .detail');
    await facts.first().waitFor();
    const words = await facts.allTextContents();
    assert.deepEqual(
      words.filter((line) => line.includes('unknown')).map((line) => line.replace(/unknown.*/s, '')),
      ['Total', 'accuracy', 'tool'],
    );
    assert.equal(
      await opened.page.locator('.reward-bar').count(),
      0,
      'nothing is drawn of what is not known',
    );
    assert.equal(await opened.page.locator('.row-reward').count(), 0);
  });

  it('says that a record has no reward, and that a formula works it out', async () => {
    const { reward: _reward, ...bare } = twoCropRollout(0);
    const { opened } = await openWithHost(open, withRewards(bare, {}), WHOLE);
    await opened.page.getByText('not recorded; a formula above works it out').waitFor();
    await opened.page.getByRole('heading', { name: 'Verdict' }).waitFor();
  });

  it('explains faults of form, and says where the reward says otherwise', async () => {
    const errors = ['<think> occurs 2 times and </think> once.', 'The answer has 1002 characters.'];
    const { opened } = await openWithHost(open, one({ form: { formula: 'deepeyes', errors } }), WHOLE);
    const row = opened.page.locator('.detail', { hasText: 'Form' }).filter({ hasText: '2 errors' });
    await row.getByText('<think> occurs 2 times and </think> once.').waitFor();
    await row.getByText('The answer has 1002 characters.').waitFor();
    await row.getByText('The reward has no fault of form all the same.').waitFor();
    const { opened: fine } = await openWithHost(
      open,
      one({ form: { formula: 'deepeyes', errors: [] } }),
      WHOLE,
    );
    await fine.page.locator('.detail', { hasText: 'Form' }).getByText('no error').waitFor();
  });

  it('names patterns with what they rest on, each a way to its part', async () => {
    const { opened } = await openWithHost(open, one(SIGNS), WHOLE);
    const { page } = opened;
    const pattern = page.locator('.pattern');
    await pattern.locator('summary').focus();
    await page.keyboard.press('Enter');
    await pattern.getByText('the search goes on', { exact: false }).first().waitFor();
    const box = pattern.getByRole('button', { name: /^box 1 / });
    await box.focus();
    await page.locator('.stage-box.strong').first().waitFor();
    await page.keyboard.press('Enter');
    await page.locator('.where', { hasText: 'part 2 of 8' }).waitFor();
    await pattern.getByRole('button', { name: /This is only a wall/ }).click();
    await page.locator('.where', { hasText: 'part 4 of 8' }).waitFor();
    assert.equal(await pattern.evaluate((node) => (node as HTMLDetailsElement).open), true);
    assert.deepEqual(opened.records.errors, []);
  });

  it('says none where there is no pattern and no signal, and what can not be known', async () => {
    const none = { patterns: [], signals: { found: [], unknown: [] } };
    const { opened } = await openWithHost(open, one(none), WHOLE);
    const row = (name: string) => opened.page.locator('.detail', { hasText: name });
    await row('Thinking').getByText('none of the four patterns').waitFor();
    await row('Signals').getByText('none', { exact: true }).waitFor();
    const { opened: other } = await openWithHost(open, one(SIGNS), WHOLE);
    const signals = other.page.locator('.detail', { hasText: 'Signals' });
    await signals.locator('.signal-badge', { hasText: 'repeated box' }).waitFor();
    await signals.getByText('1 not known').waitFor();
    await signals.getByText('What they mean').click();
    await signals.getByText('A box equals an earlier one.').waitFor();
    await signals.getByText('right, box misses, not known:').waitFor();
  });

  it('looks for neither in a rollout that goes on', async () => {
    const running = plainRollout(0, { outcome: { status: 'running' } });
    const { opened } = await openWithHost(open, withRewards(running, {}), WHOLE);
    await opened.page.locator('.detail', { hasText: 'not judged yet' }).waitFor();
    assert.equal(await opened.page.locator('.detail', { hasText: 'Thinking' }).count(), 0);
    assert.equal(await opened.page.locator('.detail', { hasText: 'Signals' }).count(), 0);
  });

  it('has no violation in any theme', async function () {
    this.timeout(180_000);
    const form = { formula: 'deepeyes', errors: ['<think> occurs 2 times and </think> once.'] };
    const { opened } = await openWithHost(open, one({ ...SIGNS, form }), WHOLE);
    await opened.page.locator('.pattern summary').click();
    assert.deepEqual(await opened.accessibilityProblemsIn(ALL_THEMES), []);
    assert.deepEqual(opened.records.policyViolations, []);
  });
});
