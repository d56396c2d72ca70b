import assert from 'node:assert/strict';
import type { PartView } from '../../src/protocol/trajectoryView';
import { heatShade } from '../../src/webview/trajectory/tokenHeat';
import { plainRollout } from './support/demoData';
import { openWithHost, readySource, rowOf, type HostData } from './support/fakeHost';
import { ALL_THEMES, usePages } from './support/page';

const TEXTS = ['<think>', 'Look', ' at', ' red', '</think>', '<|im_end|>', 'Blue'];
const LOGS = [0, -0.01, -0.5, -1.2, -2.5, -0.1, -5];
const PADS = '<|image_pad|>'.repeat(1200);

function logged(tracked: boolean): HostData {
  const parts: PartView[] = [
    { kind: 'thought', text: 'Look at red', closed: true, tokens: 5, firstToken: 0 },
    { kind: 'observation', text: 'seen', images: [], tokens: 1204 },
    { kind: 'answer', text: 'Blue', closed: true, tokens: 1, firstToken: 6 },
  ];
  const raw = '<think>Look at red</think><|im_end|>';
  const observationRaw = `<|im_start|>user\n<tool_response><|vision_start|>${PADS}<|vision_end|></tool_response>`;
  const record = plainRollout(0, {
    turns: [{ raw, observationRaw, parts, recovered: false }],
    ...(tracked && { tokenTrack: { texts: TEXTS, logProbabilities: LOGS } }),
  });
  return { source: readySource(1), row: () => rowOf(record), record: () => record };
}

describe('tokens and their log-probabilities', function () {
  this.timeout(60_000);
  const open = usePages();

  it('fall into five shades, and what is none into none', () => {
    assert.deepEqual([0, -0.2, -1, -2, -3, -Infinity].map(heatShade), [0, 1, 2, 3, 4, 4]);
    assert.deepEqual([heatShade(undefined), heatShade(NaN)], [undefined, undefined]);
  });

  it('shade the text on a key, with a legend, in every theme', async function () {
    this.timeout(180_000);
    const { opened } = await openWithHost(open, logged(true));
    const { page } = opened;
    await page.locator('#part-1').waitFor();
    assert.equal(await page.locator('.heat-legend, .token').count(), 0, 'off at first');
    assert.match((await page.locator('#part-2').textContent()) ?? '', /1,204 tokens, outside the loss/);
    await page.keyboard.press('p');
    await page.locator('.heat-legend').waitFor();
    const shades = await page
      .locator('#part-1 .token')
      .evaluateAll((all) => all.map((token) => [token.textContent, token.className.split(' ')[1]]));
    assert.deepEqual(
      shades,
      TEXTS.slice(0, 5).map((text, i) => [text, `heat-${[0, 0, 1, 2, 3][i]}`]),
    );
    assert.equal(await page.locator('.answer .heat-4').textContent(), 'Blue');
    assert.equal(await page.locator('#part-2 .token').count(), 0);
    assert.equal(await page.locator('.token[style]').count(), 0);
    assert.deepEqual(await opened.accessibilityProblemsIn(ALL_THEMES), []);
    assert.deepEqual(opened.records.policyViolations, []);
    await page.getByRole('button', { name: /Log-probabilities/ }).click();
    await page.locator('.heat-legend').waitFor({ state: 'detached' });
  });

  it('stand without empty lines around them, and none of their line breaks is lost', async () => {
    const texts = ['\n\n', ' \nLook', '\n', 'here', '.\r\n\n', '\n'];
    const parts: PartView[] = [
      { kind: 'thought', text: 'Look\nhere.', closed: true, tokens: texts.length, firstToken: 0 },
    ];
    const record = plainRollout(0, {
      turns: [{ raw: texts.join(''), parts, recovered: false }],
      tokenTrack: { texts, logProbabilities: texts.map(() => -0.01) },
    });
    const data = { source: readySource(1), row: () => rowOf(record), record: () => record };
    const { page } = (await openWithHost(open, data)).opened;
    await page.locator('#part-1').waitFor();
    await page.keyboard.press('p');
    const body = page.locator('#part-1 .tokens .file-text-body');
    await body.waitFor();
    assert.deepEqual(await body.locator('.token').allTextContents(), texts);
    assert.equal(await body.locator('.signed-break').count(), 6);
    const height = await body.evaluate(
      (element) => element.parentElement?.getBoundingClientRect().height ?? 0,
    );
    const line = await body.evaluate((element) => Number.parseFloat(getComputedStyle(element).lineHeight));
    // Two lines: the break between two words holds.
    assert.ok(Math.abs(height - 2 * line) < line / 2, `${height} px of lines of ${line} px`);
  });

  it('are not offered where the file has none', async () => {
    const { opened } = await openWithHost(open, logged(false));
    await opened.page.locator('#part-1').waitFor();
    assert.equal(await opened.page.getByRole('button', { name: /Log-probabilities/ }).isVisible(), false);
    await opened.page.keyboard.press('p');
    assert.equal(await opened.page.locator('.heat-legend').count(), 0);
  });

  it('stand out in the raw text, runs of pads with their count', async () => {
    const { opened } = await openWithHost(open, logged(false), { state: { selected: 0, raw: true } });
    await opened.page.locator('.raw').waitFor();
    assert.deepEqual(await opened.page.locator('.raw .special-token').allTextContents(), [
      '<think>',
      '</think>',
      '<|im_end|>',
      '<|im_start|>',
      '<tool_response>',
      '<|vision_start|>',
      '<|image_pad|> ×1,200',
      '<|vision_end|>',
      '</tool_response>',
    ]);
  });
});
