import assert from 'node:assert/strict';
import type { ImageView, PartView, TrajectoryView } from '../../src/protocol/trajectoryView';
import { plainRollout } from './support/demoData';
import { openWithHost, readySource, rowOf, type HostData } from './support/fakeHost';
import { hostilePayloads } from './support/hostilePayloads';
import type { OpenOptions, PageRecords, TestPage } from './support/page';
import { usePages } from './support/page';

const COUNT = 1000;
const SEED = 20_260_721;
const PAYLOADS = hostilePayloads(COUNT, SEED);

/** A rollout that says the payload in every place where a file may say something. */
function hostileRollout(index: number): TrajectoryView {
  const text = PAYLOADS[index]!;
  const gone: ImageView = {
    id: text,
    kind: 'original',
    state: 'missing',
    label: text,
    message: text,
    tried: [text, text],
  };
  const crop: ImageView = {
    id: `crop ${text}`,
    kind: 'stored',
    state: 'available',
    label: text,
    message: text,
  };
  const box = { x1: 10, y1: 10, x2: 90, y2: 90 };
  const zoom = {
    tool: 'zoom',
    requested: box,
    frame: 'original',
    placed: box,
    clamped: false,
    grown: false,
    rejected: 'empty',
    rejection: text,
    environmentError: text,
  } as const;
  const call = {
    status: 'parsed',
    text,
    name: text,
    box,
    label: text,
    acted: true,
    number: 1,
    report: zoom,
  } as const;
  const parts: PartView[] = [
    { kind: 'thought', text, closed: true, contradictions: [text, `${text}!`] },
    { kind: 'text', text, closed: false },
    { kind: 'toolCall', text, closed: true, call, contradictions: [text] },
    {
      kind: 'toolCall',
      text,
      closed: true,
      call: { status: 'unparsable', text, error: text, acted: false, number: 2 },
    },
    { kind: 'observation', text, error: `${text}!`, images: [crop, gone] },
    { kind: 'answer', text, closed: true },
  ];
  return plainRollout(index, {
    id: text,
    system: text,
    question: text,
    user: `${text} `,
    originals: [gone],
    turns: [{ raw: text, parts, recovered: index % 2 === 0 }],
    outcome: { status: 'error', reason: text },
    prediction: text,
    groundTruth: text,
    verdict: { correct: false, provenance: 'stored' },
    reward: {
      total: 1,
      formula: text,
      candidates: [text],
      parts: [{ name: text, value: 1, provenance: 'stored', reason: text, replies: [text] }],
      unknown: [{ name: text, reason: text, replies: [text] }],
    },
    recordedReward: 2,
    form: { formula: text, errors: [text] },
    patterns: [
      {
        name: 'visual search',
        why: text,
        evidence: [
          { kind: 'box', turn: 0, part: 2, box },
          { kind: 'phrase', turn: 0, part: 0, range: { start: 0, end: 1 }, text, role: 'belief' },
        ],
      },
    ],
    signals: { found: [{ words: text, meaning: text }], unknown: [{ words: text, meaning: text }] },
    group: { key: text, provenance: 'uid' },
    split: text,
    extras: [[text, text]],
    bytes: { start: index, end: index + 1 },
  });
}

const HOSTILE: HostData = {
  source: readySource(COUNT, { name: PAYLOADS[0]!, label: PAYLOADS[1]!, notice: PAYLOADS[2]! }),
  row: (index) =>
    index % 10 === 9
      ? { status: 'bad', index, reason: PAYLOADS[index]!, offset: 0, bytes: 1 }
      : rowOf(hostileRollout(index)),
  record: (index) => hostileRollout(index),
  siblings: (index) => ({
    count: 2,
    rows: [index, index + 1].map((at) => ({ index: at, correct: true, reward: 1 })),
    rewarded: 2,
  }),
  siblingBoxes: (index) => ({
    count: 2,
    leftOut: 0,
    rollouts: [
      { index, boxes: [] },
      {
        index: index + 1,
        correct: false,
        reward: 1,
        boxes: [{ call: 1, box: { x1: 1, y1: 1, x2: 50, y2: 50 } }],
      },
    ],
  }),
};

/** Everything in the page that only a payload could have made; runs in the page. */
function strangers(): string[] {
  const own = new Set(
    (
      'DIV SPAN UL LI DL DT DD H1 H2 P B I BDI IMG BUTTON SECTION HEADER MAIN FOOTER DETAILS SUMMARY DIALOG KBD ' +
      'VSCODE-BUTTON svg g rect text ' +
      // What Markdown and formulas may become: elements that show text, and links to pages and people.
      'A BR HR EM STRONG S CODE PRE OL BLOCKQUOTE TABLE THEAD TBODY TR TH TD ' +
      'math mrow mi mn mo ms mtext mspace msup msub msubsup mfrac msqrt mstyle mpadded mtable mtr mtd mover munder'
    ).split(' '),
  );
  const isLink = (element: Element, name: string, value: string): boolean =>
    element.tagName === 'A' && name === 'href' && /^(?:https:\/\/|mailto:)/i.test(value);
  const controls = '.filter-input, .find-input, .formula-choice, .formula-choice *, .speed, .speed *';
  const found: string[] = [];
  for (const element of document.querySelectorAll('#root *')) {
    if (!own.has(element.tagName) && !element.matches(controls)) found.push(`element ${element.tagName}`);
    for (const { name, value } of element.attributes) {
      if (isLink(element, name, value)) continue;
      if (name.startsWith('on') || ['href', 'srcset', 'srcdoc', 'action', 'xlink:href'].includes(name))
        found.push(`attribute ${name} of ${element.tagName}`);
      if (name === 'src' && !value.startsWith('blob:')) found.push(`src ${value}`);
      if (name === 'style' && /url\(|evil/.test(value)) found.push(`style ${value}`);
    }
  }
  if (document.querySelectorAll('script').length !== 1) found.push('a script');
  if (document.querySelector('iframe, object, embed, base, meta[http-equiv=refresh], form'))
    found.push('a frame or form');
  return found;
}

/** Shows records one after the other and returns the strangers of each; runs in the page, which knows `strangers`. */
async function walk(indices: readonly number[]): Promise<string[]> {
  const find = (globalThis as unknown as { strangers(): string[] }).strangers;
  const found: string[] = [];
  for (const index of indices) {
    window.postMessage({ type: 'call', id: 1_000_000 + index, method: 'show', args: [index] }, '*');
    const words = `Record${index.toLocaleString('en-US')}–${(index + 1).toLocaleString('en-US')} bytes`;
    const deadline = performance.now() + 10_000;
    while (document.querySelector('.details-region')?.textContent?.includes(words) !== true) {
      if (performance.now() > deadline) throw new Error(`record ${index} was not shown`);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    found.push(...find().map((stranger) => `record ${index}: ${stranger}`));
  }
  return found;
}

async function openHostile(
  open: (options?: OpenOptions) => Promise<TestPage>,
  options: OpenOptions = {},
): Promise<TestPage> {
  const { opened } = await openWithHost(open, HOSTILE, options);
  // A page that does not know the file yet has no record to show.
  await opened.page.locator('.detail', { hasText: 'bytes' }).waitFor();
  await opened.page.evaluate(`globalThis.strangers = ${strangers.toString()}`);
  return opened;
}

function assertUntouched(records: PageRecords): void {
  assert.deepEqual(records, {
    foreignRequests: [],
    policyViolations: [],
    dialogs: [],
    errors: [],
    navigations: [],
    executions: [],
  } satisfies PageRecords);
}

describe(`a page that is given hostile text (seed ${SEED})`, function () {
  this.timeout(300_000);
  const open = usePages();

  it(`draws ${COUNT} payloads in every field as text and nothing else`, async () => {
    // Two pages share the work. Backwards, since the first record is there already.
    const indices = Array.from({ length: COUNT }, (_, index) => COUNT - 1 - index);
    const walked = [0, 1].map(async (rest) => {
      const opened = await openHostile(open);
      const own = indices.filter((index) => index % 2 === rest);
      assert.deepEqual(await opened.page.evaluate(walk, own), []);
      assertUntouched(opened.records);
    });
    await Promise.all(walked);
  });

  it('draws them as raw text, and survives presses on them', async () => {
    const opened = await openHostile(open, { state: { selected: 1, part: 0, raw: true } });
    const some = Array.from({ length: 50 }, (_, index) => index * 20);
    assert.deepEqual(await opened.page.evaluate(walk, some), []);
    await opened.page.keyboard.press('t');
    for (let index = 1; index <= 16; index++) {
      assert.deepEqual(await opened.page.evaluate(walk, [index]), []);
      await opened.page.evaluate(() => {
        for (const text of document.querySelectorAll<HTMLElement>('.file-text, .file-line, .quiet-button'))
          text.click();
      });
      assert.deepEqual(await opened.page.evaluate(strangers), []);
    }
    assertUntouched(opened.records);
  });

  it('stay text to the find bar, the frames, the boxes of the group and the evidence of a verdict', async () => {
    const opened = await openHostile(open);
    const { page } = opened;
    await page.keyboard.press('o');
    await page.locator('.sibling-line').first().waitFor({ state: 'attached' });
    const find = page.getByRole('textbox', { name: 'Find in the rollout' });
    for (let index = 1; index <= 24; index++) {
      assert.deepEqual(await page.evaluate(walk, [index]), []);
      assert.ok((await page.locator('.contradiction').count()) >= 3, 'contradictions are drawn');
      await page.locator('.tree').focus();
      await page.keyboard.press('f');
      await page.locator('.sibling-boxes').first().dispatchEvent('mouseenter');
      await page.evaluate(() => {
        for (const press of document.querySelectorAll<HTMLElement>('.details-region button')) press.click();
      });
      await page.keyboard.press('Control+f');
      const wanted = PAYLOADS[index]!.replace(/[^\x20-\x7e]/g, '').slice(0, 30) || 'x';
      await find.fill(wanted);
      await page.locator('.find-count', { hasText: /\S/ }).waitFor();
      assert.equal(await find.inputValue(), wanted);
      await page.getByRole('button', { name: 'Use regular expression' }).click();
      assert.deepEqual(await page.evaluate(strangers), [], `record ${index}`);
      await page.keyboard.press('Escape');
    }
    assertUntouched(opened.records);
  });

  it('shows a payload with its hidden characters named', async () => {
    const data: HostData = {
      source: readySource(1),
      row: () => rowOf(plainRollout(0)),
      record: () => plainRollout(0, { question: 'a\u202eb\u0000c', turns: [] }),
    };
    const { opened } = await openWithHost(open, data);
    const heading = opened.page.locator('.question-heading', { hasText: 'a[U+202E]b[U+0000]c' });
    await heading.waitFor();
  });
});

describe('the detector of the hostile tests', function () {
  this.timeout(60_000);
  const open = usePages();
  const inject = (html: string): void => {
    document.body.innerHTML = html;
  };

  it('sees scripts and requests where there is no policy', async () => {
    const { page, records } = await open();
    await page.goto('about:blank');
    await page.evaluate(inject, '<img src="https://evil.test/a.png" onerror="executed(1)">');
    await page.waitForTimeout(500);
    assert.deepEqual(records.executions, ['1']);
    assert.deepEqual(records.foreignRequests, ['https://evil.test/a.png']);
  });

  it('sees payloads of the same making fire as markup where there is no policy', async () => {
    const { page, records } = await open();
    await page.goto('about:blank');
    // Those that neither leave the page nor load a plug-in: the control must live to be counted.
    const armed = PAYLOADS.filter(
      (text) => /<img|<svg onload|<details/i.test(text) && !/location|\.png/.test(text),
    );
    for (const text of armed) {
      await page.evaluate(inject, text);
      await page.waitForTimeout(2);
    }
    await page.waitForTimeout(500);
    assert.ok(records.executions.length >= 3, `${records.executions.length} executions`);
    assert.ok(records.dialogs.length >= 1, `${records.dialogs.length} dialogs`);
    assert.ok(records.foreignRequests.length >= 3, `${records.foreignRequests.length} requests`);
  });

  it('sees the policy stop markup, and finds the strangers', async () => {
    const { page, records } = await open();
    await page.evaluate(() => {
      document.querySelector('#root')!.innerHTML =
        '<img src="https://evil.test/a.png" onerror="executed(1)"><a href="command:x">x</a>';
    });
    await page.waitForTimeout(500);
    assert.deepEqual(records.executions, []);
    assert.ok(records.policyViolations.length > 0);
    const found = await page.evaluate(strangers);
    for (const stranger of ['attribute href of A', 'attribute onerror of IMG', 'src https://evil.test/a.png'])
      assert.ok(found.includes(stranger), stranger);
  });
});
