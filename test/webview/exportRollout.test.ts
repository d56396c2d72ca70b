import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { exportPictures, writeHtml, writeMarkdown } from '../../src/host/trajectories/exportFiles';
import { exportHtml } from '../../src/host/trajectories/exportHtml';
import { exportLog } from '../../src/host/trajectories/exportLog';
import { exportMarkdown } from '../../src/host/trajectories/exportMarkdown';
import type { ExportInput } from '../../src/host/trajectories/exportWords';
import { exportName, pictureFileName } from '../../src/host/trajectories/exportWords';
import { openTrajectorySource } from '../../src/files/openSource';
import type { PartView } from '../../src/protocol/trajectoryView';
import { ScratchFolder } from '../support/scratchFolder';
import { plainRollout, twoCropRollout } from './support/demoData';
import { usePages } from './support/page';
import { answer, available, FakeImages, trajectory, turn, zoomCall } from '../unit/host/support/fakes';

const PNG = { mediaType: 'image/png', bytes: Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 1, 2, 3) };

const HOSTILE = [
  '<script>executed(1)</script>',
  '"><img src="https://evil.test/a.png" onerror="executed(1)">',
  '![x](https://evil.test/a.png) [y](javascript:executed(1))',
  '```\n# heading\n![x](https://evil.test/b.png)\n```',
  '../../etc/passwd',
  'a\u202eb\u2066c\u0000d',
  '</style></title></svg><iframe src="https://evil.test">',
  '<!-- --><base href="https://evil.test/">',
];

/** A rollout that says a text wherever a file may say something. */
function hostile(text: string): ExportInput {
  const image = {
    id: 'original:0',
    kind: 'original',
    state: 'available',
    label: text,
    message: text,
  } as const;
  const box = { x1: 1, y1: 1, x2: 5, y2: 5 };
  const shared = { text, name: text, label: text, box, acted: false, number: 1 } as const;
  const place = { image: 'original:0', box };
  const parts: PartView[] = [
    { kind: 'thought', text, closed: true, contradictions: [text] },
    { kind: 'toolCall', text, closed: true, call: { status: 'parsed', ...shared, place } },
    { kind: 'toolCall', text, closed: true, call: { ...shared, status: 'unparsable', error: text } },
    { kind: 'observation', text, error: `${text}!`, images: [{ ...image, id: 'observation:0:0' }] },
    { kind: 'answer', text, closed: true },
  ];
  const view = plainRollout(0, {
    question: text,
    user: `${text} `,
    system: text,
    originals: [{ ...image, size: { width: 10, height: 10 } }],
    turns: [{ raw: text, parts, recovered: true }],
    outcome: { status: 'error', reason: text },
    prediction: text,
    groundTruth: text,
    split: text,
  });
  const pictures = new Map([
    ['original:0', PNG],
    ['observation:0:0', { mediaType: `image/svg+xml"><script>`, bytes: PNG.bytes }],
  ]);
  return { log: text, view, pictures };
}

/** What no export may hold as it is. */
const HIDDEN = /[\u202e\u2066]|\p{Cc}(?<!\n)/u;

/** Elements that an exported page may have. */
const OWN = new Set(
  (
    '!doctype html head meta title style body main h1 h2 h3 small dl dt dd bdi div section article p figure figcaption ' +
    'svg rect image text img span'
  ).split(' '),
);

describe('export of a rollout', () => {
  const scratch = new ScratchFolder();
  after(() => scratch.remove());

  it('as HTML holds everything, in its order, and its pictures', () => {
    const rollout = twoCropRollout(3);
    const placed = (part: PartView): PartView =>
      part.kind === 'toolCall' && part.call.box
        ? { ...part, call: { ...part.call, place: { image: 'original:0', box: part.call.box } } }
        : part;
    const turns = rollout.turns.map((entry) => ({ ...entry, parts: entry.parts.map(placed) }));
    const view = { ...rollout, turns };
    const pictures = new Map(['original:0', 'observation:0:0', 'observation:1:0'].map((id) => [id, PNG]));
    const html = exportHtml({ log: 'run.jsonl', view, pictures });
    const data = `data:image/png;base64,${Buffer.from(PNG.bytes).toString('base64')}`;
    assert.equal(html.split(data).length - 1, 3, 'original and two crops');
    let from = 0;
    for (const words of [
      'What is the price',
      'run.jsonl, record 3',
      'ground truth</dt><dd><bdi>2.50',
      '<svg viewBox="0 0 2240 1512"',
      'x="1262" y="1128" width="68" height="84"',
      'There are four stalls',
      'vending machine',
      'seen as 56 × 84',
      'The white panel',
      'System prompt',
    ]) {
      const at = html.indexOf(words, from);
      assert.ok(at >= from, words);
      from = at;
    }
    assert.match(html, /<small>41 tokens<\/small>/);
  });

  for (const [index, text] of HOSTILE.entries()) {
    it(`as HTML takes hostile text ${index + 1} as text`, () => {
      const html = exportHtml(hostile(text));
      const tags = [...html.matchAll(/<\/?([a-z!][a-z0-9]*)([^>]*)>/gi)];
      for (const [tag, name = '', attributes = ''] of tags) {
        assert.ok(OWN.has(name.toLowerCase()), tag);
        assert.doesNotMatch(attributes, /\son[a-z]+\s*=|\sstyle\s*=/i, tag);
        for (const [, address = ''] of attributes.matchAll(/(?:src|href)="([^"]*)"/g))
          assert.match(address, /^data:image\/(png|jpeg|webp|gif|bmp);base64,[A-Za-z0-9+/=]*$/);
      }
      assert.doesNotMatch(html, HIDDEN);
      assert.match(
        html,
        /Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'sha256-/,
      );
      assert.doesNotMatch(html, /image\/svg/);
    });

    it(`as Markdown keeps hostile text ${index + 1} in fences and code spans`, () => {
      const markdown = exportMarkdown(hostile(text), 'x.images');
      assert.doesNotMatch(markdown, HIDDEN);
      let fence = '';
      for (const row of markdown.split('\n')) {
        const mark = /^(`{3,})(text)?$/.exec(row)?.[1] ?? '';
        if (fence === '' && mark !== '') fence = mark;
        else if (fence !== '' && row === fence) fence = '';
        else if (fence === '') {
          const outside = row.replace(/(`+)(?!`).*?[^`]\1(?!`)/g, '');
          assert.doesNotMatch(outside, /evil|passwd|executed|<(?!x\.images\/)/, row);
        }
      }
      assert.equal(fence, '', 'every fence is closed');
    });
  }

  it('names files by its own words alone', () => {
    assert.equal(pictureFileName('observation:0:1', PNG), 'observation-0-1.png');
    assert.equal(pictureFileName('../../x', { ...PNG, mediaType: 'text/html' }), '-x.bin');
    assert.equal(exportName('run 1.imcot.jsonl', 4), 'run-1-4');
    assert.equal(exportName('../../etc/.bashrc.jsonl', 0), 'etc-.bashrc-0');
    assert.equal(exportName('a\u202eb<c>.jsonl', 0), 'a-b-c-0');
    assert.equal(exportName('..', 0), 'rollout-0');
  });

  it('leaves out pictures that can not be had', async () => {
    const view = twoCropRollout(0);
    const pictures = await exportPictures(view, (id) =>
      id === 'original:0' ? Promise.resolve(PNG) : Promise.reject(new Error('gone')),
    );
    assert.deepEqual([...pictures.keys()], ['original:0']);
    const html = exportHtml({ log: 'run.jsonl', view, pictures: new Map() });
    assert.match(html, /<rect class="nothing"/);
  });

  it('as Markdown has its pictures in a folder beside it', async () => {
    const folder = scratch.path;
    const file = path.join(folder, 'out (1).md');
    const pictures = new Map([['original:0', PNG]]);
    await writeMarkdown(file, { log: 'run.jsonl', view: twoCropRollout(0), pictures });
    const [, link = ''] = /!\[original\]\(<([^>]*)>\)/.exec(readFileSync(file, 'utf8')) ?? [];
    assert.equal(link, 'out -1-.images/original-0.png');
    assert.deepEqual(new Uint8Array(readFileSync(path.join(folder, link))), PNG.bytes);
  });

  it('as a log opens again, with the original copied byte for byte and blank crops left to be cut', async () => {
    const folder = scratch.path;
    const photo = path.join(folder, 'photo.jpg');
    writeFileSync(photo, PNG.bytes);
    const images = new FakeImages();
    const found = available(1000, 800);
    assert.ok(found.state === 'available');
    images.found = { ...found, input: { kind: 'path', key: photo, path: photo } };
    const turns = [turn([zoomCall([0, 0, 90, 90])], [{ kind: 'blank' }]), turn([answer('red')])];
    const file = path.join(folder, 'out.imcot.jsonl');
    writeFileSync(file, 'what was there before');
    const record = { status: 'ok', trajectory: trajectory(turns), images: new Map() } as const;
    await exportLog(file, record, images, 'test');
    const source = await openTrajectorySource([file], { index: 'inProcess' });
    const again = await source.record(0);
    source.dispose();
    assert.ok(again.status === 'ok');
    const [image] = again.trajectory.prompt.images;
    assert.ok(image?.kind === 'file' && !path.isAbsolute(image.path));
    assert.deepEqual(image.size, { width: 1000, height: 800 });
    assert.deepEqual(new Uint8Array(readFileSync(path.join(folder, image.path))), PNG.bytes);
    assert.deepEqual(readdirSync(path.join(folder, 'out.images')).length, 1);
    assert.deepEqual(again.trajectory.turns[0]?.observation?.images, [{ kind: 'blank' }]);
    assert.equal(again.trajectory.turns.length, 2);
    assert.ok(existsSync(photo));
  });

  it('leaves what was there before, and nothing else, where a log can not be written to its end', async () => {
    const folder = path.join(scratch.path, 'torn');
    mkdirSync(folder);
    const file = path.join(folder, 'out.imcot.jsonl');
    writeFileSync(file, 'what was there before');
    const images = new FakeImages();
    images.resolve = () => Promise.reject(new Error('torn'));
    const record = {
      status: 'ok',
      trajectory: trajectory([turn([answer('red')])]),
      images: new Map(),
    } as const;
    await assert.rejects(exportLog(file, record, images, 'test'), /torn/);
    assert.equal(readFileSync(file, 'utf8'), 'what was there before');
    assert.deepEqual(readdirSync(folder), ['out.imcot.jsonl']);
    const nowhere = path.join(folder, 'none', 'out');
    await assert.rejects(exportLog(`${nowhere}.imcot.jsonl`, record, images, 'test'), { code: 'denied' });
    const input = { log: 'run.jsonl', view: twoCropRollout(0), pictures: new Map() };
    await assert.rejects(writeHtml(`${nowhere}.html`, input), { code: 'denied', message: /out\.html/ });
    await assert.rejects(writeMarkdown(`${nowhere}.md`, input), { code: 'denied', message: /out\.md/ });
    assert.deepEqual(readdirSync(folder), ['out.imcot.jsonl']);
  });
});

describe('an exported page in a browser', function () {
  this.timeout(60_000);
  const open = usePages();

  it('runs nothing and asks for nothing, whatever the rollout says', async () => {
    const { page, records } = await open();
    await page.goto('about:blank');
    for (const [index, text] of HOSTILE.entries()) {
      await page.setContent(exportHtml(hostile(text)), { waitUntil: 'load' });
      await page.locator('h1').first().waitFor();
      assert.equal(
        await page.locator('script, iframe, base, form, a, object').count(),
        0,
        `text ${index + 1}`,
      );
      // Time for what would run or be asked for to do so.
      await page.evaluate(
        () => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve, 50))),
      );
    }
    assert.deepEqual(records.executions, []);
    assert.deepEqual(records.foreignRequests, []);
    assert.deepEqual(records.dialogs, []);
  });
});
