import assert from 'node:assert/strict';
import { asMarkdownText, oneLine, withoutIcons, withoutLinks } from '../../../../src/host/foreignText';
import type { InferenceState } from '../../../../src/host/models/inferenceState';
import { statusText } from '../../../../src/host/models/inferenceState';
import type { ModelEntry } from '../../../../src/host/models/modelEntry';
import { modelItem, problemItem } from '../../../../src/host/models/modelItem';

const FOLDER: ModelEntry = { kind: 'folder', id: 'folder:/m/vl', label: 'vl', folder: '/m/vl' };
const SERVER: ModelEntry = {
  kind: 'server',
  id: 'server:http://box:8000',
  label: 'box',
  address: 'http://box:8000',
};

/** A name as somebody who means harm would give it: icons, Markdown, links, another direction, several lines. */
const HOSTILE =
  '$(error) **b** [x](command:evil) <img src=http://e.vil/p.png> \u202egpj.exe\nsecond\u200b\x1b[31m';

describe('a row of the tree of models', () => {
  const model = 'vl';
  const device = 'CPU, 8 threads';
  const cases: [
    entry: ModelEntry,
    state: InferenceState,
    description: string,
    icon: string,
    context: string,
  ][] = [
    [FOLDER, { status: 'none' }, 'not loaded', 'package', 'folder.none'],
    [
      FOLDER,
      { status: 'loading', model, message: 'starting' },
      'loading · starting',
      'loading~spin',
      'folder.loading',
    ],
    [
      FOLDER,
      { status: 'loading', model, message: 'quantising', fraction: 0.429 },
      '42% · loading · quantising',
      'loading~spin',
      'folder.loading',
    ],
    [FOLDER, { status: 'ready', model, device }, 'ready · CPU, 8 threads', 'pass-filled', 'folder.ready'],
    [
      FOLDER,
      { status: 'generating', model, device, tokensPerSecond: 3.14 },
      'generating · 3.1 tok/s · CPU, 8 threads',
      'pulse',
      'folder.generating',
    ],
    [
      FOLDER,
      { status: 'generating', model, device },
      'generating · CPU, 8 threads',
      'pulse',
      'folder.generating',
    ],
    [FOLDER, { status: 'failed', model, reason: 'No room.' }, 'failed: No room.', 'error', 'folder.failed'],
    [SERVER, { status: 'none' }, 'not connected', 'server', 'server.none'],
    [
      SERVER,
      { status: 'loading', model, message: 'connecting' },
      'connecting',
      'loading~spin',
      'server.loading',
    ],
    [{ ...FOLDER, kind: 'demo', id: 'demo' }, { status: 'none' }, 'not loaded', 'beaker', 'demo.none'],
  ];
  for (const [entry, state, description, icon, context] of cases) {
    it(`says "${description}" for ${context}`, () => {
      const item = modelItem(entry, state);
      assert.deepEqual([item.description, item.icon.name, item.context], [description, icon, context]);
      assert.ok(item.spoken.startsWith(entry.label) && item.spoken.endsWith(description), item.spoken);
      assert.deepEqual(item.facts.at(-1), ['State', description]);
    });
  }

  it('tells what it is in its hover', () => {
    assert.deepEqual(modelItem(FOLDER, { status: 'none' }).facts[0], ['Folder', '/m/vl']);
    assert.deepEqual(modelItem(SERVER, { status: 'none' }).facts.slice(0, 2), [
      ['Server', 'http://box:8000'],
      ['Model', 'the only one that it serves'],
    ]);
    const { facts } = modelItem({ ...SERVER, model: 'Qwen/VL' }, { status: 'none' });
    assert.deepEqual(facts[1], ['Model', 'Qwen/VL']);
  });

  it('says what is wrong with the settings, and offers to remove a folder only', () => {
    const folder = problemItem({ message: 'There is no folder /gone.', folder: '/gone' });
    assert.deepEqual(
      [folder.label, folder.description, folder.context],
      ['/gone', 'There is no folder /gone.', 'problem.folder'],
    );
    assert.equal(problemItem({ message: 'Off.' }).context, 'problem.setting');
  });

  it('holds hostile names and reasons as one line of visible text', () => {
    const state: InferenceState = {
      status: 'failed',
      model: HOSTILE,
      reason: `${HOSTILE}${'x'.repeat(5000)}`,
    };
    const item = modelItem({ ...FOLDER, label: HOSTILE, folder: `/m/${HOSTILE}` }, state);
    const texts = [item.label, item.description, item.spoken, ...item.facts.map(([, text]) => text)];
    for (const text of texts) {
      for (const unseen of '\n\u202e\u200b\x1b') assert.ok(!text.includes(unseen), JSON.stringify(text));
      assert.ok([...text].length <= 1000, `${text.length} characters`);
    }
    assert.ok([...item.label].length <= 80);
    assert.match(modelItem({ ...FOLDER, label: '\u200b\n' }, { status: 'none' }).label, /^\?$/);
  });
});

describe('text from outside', () => {
  it('is one line without what can not be seen, cut at whole characters', () => {
    assert.equal(oneLine(' a\r\n\tb\u2028c\u0000 '), 'a b c');
    assert.equal(oneLine('\u{1f600}'.repeat(10), 4), '\u{1f600}\u{1f600}\u{1f600}…');
    assert.equal(oneLine('abcd', 4), 'abcd');
    assert.equal(oneLine('模型 é'), '模型 é');
  });

  it('has no icons where labels would draw them: the status bar', () => {
    assert.equal(withoutIcons('$(error) $(x)'), '\\$(error) \\$(x)');
    const model = '$(error) $(bug~spin)';
    const shown = statusText({ status: 'ready', model, device: '$(flame), 8 threads' });
    assert.equal(shown?.text, '$(chip) \\$(error) \\$(bug~spin) · \\$(flame)');
  });

  it('has no links where messages would follow them', () => {
    assert.equal(withoutLinks('[ok](command:evil) [a](b)'), '[ok] (command:evil) [a] (b)');
  });

  it('is nothing but text in Markdown', () => {
    const escaped = asMarkdownText('a*b_[c](d)<e>&amp;`f`\\ http://g.h $(i)');
    assert.equal(escaped, 'a\\*b\\_\\[c\\]\\(d\\)\\<e\\>\\&amp\\;\\`f\\`\\\\ http\\:\\/\\/g\\.h \\$\\(i\\)');
  });
});
