import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { chatReader, UNREAD_PARTS } from '../../../../src/readers/trajectories/chat';
import type { ImageReference } from '../../../../src/trajectory/imageReference';
import { codecs, readGood, reasonOf } from '../../../support/readRecords';

// A PNG file of 1 x 1 pixels, as bytes and as base64.
const PNG_TEXT =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC';
const PNG = Uint8Array.from(Buffer.from(PNG_TEXT, 'base64'));
const HASH = codecs.sha256(PNG);
const INLINE: ImageReference = { kind: 'inline', hash: HASH, mediaType: 'image/png' };

const CALL = '{"name": "image_zoom_in_tool", "arguments": {"bbox_2d": [1, 2, 3, 4], "label": "cup"}}';
const ZOOM = `<think>look</think><tool_call>${CALL}</tool_call>`;
const ANSWER = '<think>seen</think><answer>B</answer>';

const read = (value: unknown) => readGood(chatReader, value);
const promptImages = (value: unknown) => read(value).trajectory.prompt.images;
const userParts = (...content: unknown[]) => ({ messages: [{ role: 'user', content }] });

function actedCalls(value: unknown): string[] {
  return read(value).trajectory.turns.flatMap((turn) =>
    turn.parts.flatMap((part) =>
      part.kind === 'toolCall' && part.acted && part.call.status === 'parsed'
        ? [`${part.call.name} ${JSON.stringify(part.call.box)}`]
        : [],
    ),
  );
}

const BOX_CALL = 'image_zoom_in_tool {"x1":1,"y1":2,"x2":3,"y2":4}';

describe('chat records: messages', () => {
  const conversation = [
    { role: 'system', content: 'be brief' },
    { role: 'user', content: 'which?' },
    { role: 'assistant', content: ZOOM },
    { role: 'user', content: '<tool_response>a crop</tool_response>' },
    { role: 'assistant', content: ANSWER },
  ];

  it('divides a conversation into prompt, turns and observations', () => {
    const { trajectory } = read({ messages: conversation });
    assert.equal(trajectory.prompt.system, 'be brief');
    assert.equal(trajectory.prompt.user, 'which?');
    assert.deepEqual(
      trajectory.turns.map((turn) => turn.raw),
      [ZOOM, ANSWER],
    );
    assert.deepEqual(
      trajectory.turns.map((turn) => turn.parts.map((part) => part.kind)),
      [
        ['thought', 'toolCall'],
        ['thought', 'answer'],
      ],
    );
    assert.equal(trajectory.turns[0]?.observation?.raw, '<tool_response>a crop</tool_response>');
    assert.equal(trajectory.turns[0]?.observation?.text, 'a crop');
    assert.equal(trajectory.turns[1]?.observation, undefined);
    assert.deepEqual(trajectory.outcome, { status: 'finished' });
    assert.equal(trajectory.verdict, undefined);
    assert.equal(trajectory.reward, undefined);
  });

  it('reads the same conversation in every spelling of the list', () => {
    const { origin: _origin, ...expected } = read({ messages: conversation }).trajectory;
    const names: Record<string, string> = { system: 'system', user: 'human', assistant: 'gpt' };
    const shareGpt = conversation.map(({ role, content }) => ({ from: names[role], value: content }));
    const spellings = [
      conversation,
      { conversations: conversation },
      { conversations: shareGpt },
      { prompt: conversation.slice(0, 2), completion: conversation.slice(2) },
      { input: conversation.slice(0, 2), output: conversation.slice(2) },
      {
        messages: conversation.map(({ role, content }) => ({
          role,
          content: [{ type: 'text', text: content }],
        })),
      },
      {
        messages: conversation.map(({ role, content }) => ({
          role,
          content: [{ type: role === 'assistant' ? 'output_text' : 'input_text', text: content }],
        })),
      },
    ];
    for (const spelling of spellings) {
      const { origin: _from, ...found } = read(spelling).trajectory;
      assert.deepEqual(found, expected, JSON.stringify(spelling).slice(0, 80));
    }
  });

  it('takes a plain text as one side when the other is a list', () => {
    const { trajectory } = read({ prompt: 'which?', completion: [{ role: 'assistant', content: ANSWER }] });
    assert.equal(trajectory.prompt.user, 'which?');
    assert.equal(trajectory.turns[0]?.raw, ANSWER);
  });

  it('calls an error an error', () => {
    const failing = [...conversation];
    failing[3] = { role: 'user', content: 'Error: ZOOM IN ARGUMENTS ARE INVALID' };
    const observation = read({ messages: failing }).trajectory.turns[0]?.observation;
    assert.equal(observation?.error, 'Error: ZOOM IN ARGUMENTS ARE INVALID');
  });

  it('keeps model text byte for byte, special tokens and placeholders included', () => {
    const raw = 'a <image> b<|im_end|>\n';
    const { trajectory } = read({ messages: [{ role: 'assistant', content: raw }], images: ['x.png'] });
    assert.equal(trajectory.turns[0]?.raw, raw);
    assert.deepEqual(trajectory.prompt.images, [{ kind: 'file', path: 'x.png' }]);
  });
});

describe('chat records: tool calls', () => {
  const args = { bbox_2d: [1, 2, 3, 4], label: 'cup' };
  const asked = { role: 'user', content: 'q' };

  it('reads calls beside the text, arguments as a JSON text or as an object', () => {
    for (const given of [JSON.stringify(args), args]) {
      const { trajectory } = read([
        asked,
        {
          role: 'assistant',
          content: 'thinking',
          tool_calls: [
            { id: 'c1', type: 'function', function: { name: 'image_zoom_in_tool', arguments: given } },
          ],
        },
        { role: 'tool', tool_call_id: 'c1', content: 'done' },
      ]);
      const [turn] = trajectory.turns;
      const part = turn?.parts.at(-1);
      assert.ok(part?.kind === 'toolCall' && part.call.status === 'parsed');
      assert.deepEqual(part.range, { start: 8, end: 8 });
      assert.deepEqual(part.call.box, { x1: 1, y1: 2, x2: 3, y2: 4 });
      assert.equal(part.call.label, 'cup');
      assert.equal(part.acted, true);
      assert.equal(turn?.raw, 'thinking');
      assert.equal(turn?.observation?.text, 'done');
    }
  });

  it('keeps a call whose arguments are not JSON, with the reason', () => {
    const { trajectory } = read([
      asked,
      {
        role: 'assistant',
        content: null,
        tool_calls: [{ function: { name: 'zoom', arguments: '{"bbox_2d": [1,' } }],
      },
    ]);
    const part = trajectory.turns[0]?.parts[0];
    assert.ok(part?.kind === 'toolCall' && part.call.status === 'unparsable');
    assert.match(part.call.text, /"arguments": \{"bbox_2d": \[1,/);
    assert.equal(part.acted, false, 'nobody answered it');
  });

  it('says which of several calls were answered', () => {
    const call = (id: string, x: number) => ({
      id,
      function: { name: 'z', arguments: { bbox_2d: [x, 0, 9, 9] } },
    });
    const calls = { role: 'assistant', content: '', tool_calls: [call('a', 1), call('b', 2), call('c', 3)] };
    const reply = (id: string) => ({ role: 'tool', tool_call_id: id, content: id });
    assert.deepEqual(actedCalls([asked, calls, reply('c'), reply('a')]), [
      'z {"x1":1,"y1":0,"x2":9,"y2":9}',
      'z {"x1":3,"y1":0,"x2":9,"y2":9}',
    ]);
    assert.equal(
      read([asked, calls, reply('c'), reply('a')]).trajectory.turns[0]?.observation?.raw,
      'c\n\na',
    );
  });

  it('reads the calls of every dialect alike', () => {
    const name = 'image_zoom_in_tool';
    const dialects: unknown[] = [
      [asked, { role: 'assistant', content: ZOOM }, { role: 'user', content: 'crop' }],
      [
        asked,
        { role: 'assistant', content: [{ type: 'tool_use', id: 't', name, input: args }] },
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: 't', content: 'crop' }] },
      ],
      [
        asked,
        { type: 'function_call', call_id: 'f', name, arguments: JSON.stringify(args) },
        { type: 'function_call_output', call_id: 'f', output: 'crop' },
      ],
      {
        conversations: [
          { from: 'human', value: 'q' },
          { from: 'function_call', value: CALL },
          { from: 'observation', value: 'crop' },
        ],
      },
      [
        asked,
        { role: 'assistant', content: '', function_call: { name, arguments: JSON.stringify(args) } },
        { role: 'function', name, content: 'crop' },
      ],
    ];
    for (const dialect of dialects) {
      assert.deepEqual(actedCalls(dialect), [BOX_CALL], JSON.stringify(dialect));
      assert.equal(read(dialect).trajectory.turns[0]?.observation?.text, 'crop');
    }
  });

  it('reads reasoning beside the text as thoughts', () => {
    const dialects: unknown[] = [
      [asked, { role: 'assistant', reasoning_content: 'hm', content: 'x' }],
      [
        asked,
        {
          role: 'assistant',
          content: [
            { type: 'thinking', thinking: 'hm' },
            { type: 'text', text: 'x' },
          ],
        },
      ],
    ];
    for (const dialect of dialects) {
      const parts = read(dialect).trajectory.turns[0]?.parts ?? [];
      assert.deepEqual(
        parts.map(({ kind, text }) => [kind, text]),
        [
          ['thought', 'hm'],
          ['text', 'x'],
        ],
      );
    }
  });

  it('takes the failure that Anthropic marks', () => {
    const { trajectory } = read([
      asked,
      { role: 'assistant', content: [{ type: 'tool_use', id: 't', name: 'z', input: {} }] },
      {
        role: 'user',
        content: [
          { type: 'tool_result', tool_use_id: 't', is_error: true, content: [{ type: 'text', text: 'no' }] },
        ],
      },
    ]);
    assert.equal(trajectory.turns[0]?.observation?.error, 'no');
  });
});

describe('chat records: images', () => {
  it('takes inline images in every spelling by the hash of their bytes', () => {
    const url = `data:image/jpeg;base64,${PNG_TEXT}`;
    const spellings = [
      { type: 'image_url', image_url: { url, detail: 'high' } },
      { type: 'image_url', image_url: url },
      { type: 'input_image', image_url: url },
      { type: 'image', image: url },
      { type: 'image', image: PNG_TEXT },
      { type: 'image', image: { bytes: PNG_TEXT, path: null } },
      { type: 'image', base64: PNG_TEXT },
      { type: 'image', url },
      { type: 'image', source: { type: 'base64', media_type: 'image/png', data: PNG_TEXT } },
      { image: url },
    ];
    for (const part of spellings) {
      const { trajectory, images } = read(userParts(part, { type: 'text', text: 'q' }));
      assert.deepEqual(trajectory.prompt.images, [INLINE], JSON.stringify(part).slice(0, 60));
      assert.deepEqual([...images], [[HASH, PNG]]);
    }
  });

  it('takes paths and addresses as files and opens none', () => {
    const file = (value: string) => promptImages(userParts({ type: 'image_url', image_url: { url: value } }));
    assert.deepEqual(file('https://example.org/a.png'), [
      { kind: 'file', path: 'https://example.org/a.png' },
    ]);
    assert.deepEqual(file('file:///data/a%20b.png'), [{ kind: 'file', path: '/data/a b.png' }]);
    assert.deepEqual(file('file:///C:/data/a.png'), [{ kind: 'file', path: 'C:/data/a.png' }]);
    assert.deepEqual(file('file://host/share/a.png'), [{ kind: 'file', path: 'file://host/share/a.png' }]);
    assert.deepEqual(file('file:///bad%zz.png'), [{ kind: 'file', path: '/bad%zz.png' }]);
    assert.deepEqual(promptImages(userParts({ type: 'image', image: 'a/b.jpg', min_pixels: 3136 })), [
      { kind: 'file', path: 'a/b.jpg' },
    ]);
  });

  it('takes what was emptied or can not be decoded as blank', () => {
    const broken = [
      'data:image/jpeg;base64,',
      'data:image/png;base64,abc',
      'data:image/png;base64,ab*d',
      'data:image/svg+xml,<svg/>',
      'data:nonsense',
      '',
    ];
    for (const url of broken) {
      assert.deepEqual(
        promptImages(userParts({ type: 'image_url', image_url: { url } })),
        [{ kind: 'blank' }],
        url,
      );
    }
    for (const image_url of [null, 3, [], {}, { url: 5 }]) {
      assert.deepEqual(promptImages(userParts({ type: 'image_url', image_url })), [{ kind: 'blank' }]);
    }
  });

  it('lays the images of the list to the placeholders, in order over all messages', () => {
    const { trajectory } = read({
      messages: [
        { role: 'user', content: '<image>\n<image>which?' },
        { role: 'assistant', content: ZOOM },
        { role: 'tool', content: '<tool_response><image></tool_response>' },
        { role: 'assistant', content: ANSWER },
      ],
      images: ['a.png', { bytes: PNG_TEXT }, { path: 'crop.png' }, 'left over.png'],
    });
    assert.deepEqual(trajectory.prompt.images, [
      { kind: 'file', path: 'a.png' },
      INLINE,
      { kind: 'file', path: 'left over.png' },
    ]);
    assert.equal(trajectory.prompt.user, '\nwhich?');
    assert.deepEqual(trajectory.turns[0]?.observation?.images, [{ kind: 'file', path: 'crop.png' }]);
    assert.equal(trajectory.turns[0]?.observation?.text, '');
  });

  it('marks places without images as blank, and takes a single image', () => {
    assert.deepEqual(
      promptImages({ messages: [{ role: 'user', content: '<image><image>' }], image: 'a.png' }),
      [{ kind: 'file', path: 'a.png' }, { kind: 'blank' }],
    );
    assert.deepEqual(
      promptImages({
        messages: [{ role: 'user', content: [{ type: 'image' }, { type: 'text', text: 'q' }] }],
        images: ['a.png'],
      }),
      [{ kind: 'file', path: 'a.png' }],
    );
  });
});

describe('chat records: what stands beside the messages', () => {
  const messages = [{ role: 'assistant', content: ANSWER }];

  it('takes verdict, reward, answer, step, ids and ending under the usual names', () => {
    const { trajectory } = read({
      id: 7,
      messages,
      uid: 'g1',
      step: 3,
      ground_truth: 'B',
      prediction: 'B',
      correct: true,
      reward: 0,
      finish_reason: 'length',
      model: 'm',
      data_source: 'vstar',
    });
    const { id, group, step, groundTruth, prediction, verdict, reward, outcome, extras } = trajectory;
    assert.deepEqual(
      { id, group, step, groundTruth, prediction, verdict, reward, outcome },
      {
        id: '7',
        group: { key: 'g1', provenance: 'uid' },
        step: 3,
        groundTruth: 'B',
        prediction: 'B',
        verdict: { correct: true, provenance: 'stored' },
        reward: { total: 0, parts: [] },
        outcome: { status: 'length', reason: 'length' },
      },
    );
    assert.deepEqual(
      [...extras],
      [
        ['model', 'm'],
        ['data_source', 'vstar'],
      ],
    );
  });

  it('leaves what has another type among the extras', () => {
    const odd = { answer: ['B'], reward: '1', acc: 0.5, step: 1.5, uid: {}, error: null, correct: 'yes' };
    const { trajectory } = read({ messages, ...odd });
    for (const name of ['groundTruth', 'reward', 'verdict', 'step', 'group'] as const) {
      assert.equal(name in trajectory, false, name);
    }
    assert.deepEqual(trajectory.extras, new Map(Object.entries(odd)));
  });

  it('takes a reward in parts, verl’s nested truth, and an error', () => {
    const { trajectory } = read({
      messages,
      reward: { accuracy: 1, format: -1 },
      reward_model: { ground_truth: 'B', style: 'rule' },
      error: 'out of memory',
    });
    assert.deepEqual(trajectory.reward?.parts, [
      { name: 'accuracy', value: 1, provenance: 'stored' },
      { name: 'format', value: -1, provenance: 'stored' },
    ]);
    assert.equal(trajectory.reward?.total, undefined);
    assert.equal(trajectory.groundTruth, 'B');
    assert.deepEqual(trajectory.extras.get('reward_model'), { ground_truth: 'B', style: 'rule' });
    assert.deepEqual(trajectory.outcome, { status: 'error', reason: 'out of memory' });
  });

  it('names the parts that it can not show', () => {
    const { trajectory } = read(
      userParts({ type: 'input_audio', input_audio: {} }, 5, { type: 'text', text: 'q' }),
    );
    assert.equal(trajectory.prompt.user, 'q');
    assert.deepEqual(trajectory.extras.get(UNREAD_PARTS), ['input_audio', 'a number']);
  });
});

describe('chat records: bad ones', () => {
  it('says what was expected and what was found', () => {
    assert.match(reasonOf(chatReader, 5), /expected; a number without one was found/);
    assert.match(reasonOf(chatReader, { a: 1 }), /an object without one was found/);
    assert.match(reasonOf(chatReader, undefined), /nothing without one/);
    assert.equal(
      reasonOf(chatReader, [{ role: 'user', content: 'q' }, 7]),
      'Message 2 is a number, not an object with a role and a content.',
    );
    assert.equal(
      reasonOf(chatReader, [{ content: 'q' }]),
      'Message 1 has no role that is known (found nothing).',
    );
    assert.equal(
      reasonOf(chatReader, [{ role: 'user', content: 5 }]),
      'Message 1 has a content that is a number, not a text or a list of parts.',
    );
  });
});

describe('chat records: telling them from others', () => {
  const sniff = (...values: unknown[]) =>
    chatReader.sniff({ name: 'a.jsonl', lines: values.map((value) => JSON.stringify(value) ?? ''), values });

  it('is sure of messages and knows nothing of other records', () => {
    assert.ok(sniff({ messages: [{ role: 'user', content: 'q' }] }) > 0.8);
    assert.ok(sniff([{ from: 'human', value: 'q' }]) > 0.8);
    assert.equal(sniff({ prompt: 'a', response: 'b' }), 0);
    assert.equal(sniff({ prompt: 'a', completion: 'b' }), 0);
    assert.equal(sniff({ input: 'a', output: 'b', score: 1 }), 0);
    assert.equal(sniff({ pred_output: [{ role: 'user', content: 'q' }], pred_ans: 'x' }), 0);
    assert.equal(sniff([], {}, 5, 'x'), 0);
  });

  it('knows a first line that is cut off within an image', () => {
    const line = '{"id": 1, "messages": [{"role": "user", "content": [{"type": "image", "image": "iVBORw0';
    assert.equal(chatReader.sniff({ name: 'a', lines: [line], values: [undefined] }), 0.5);
    assert.equal(chatReader.sniff({ name: 'a', lines: ['{"prompt": "x'], values: [undefined] }), 0);
  });

  it('reads the fixture: one line per dialect, each with a zoom, a crop and an answer', () => {
    const file = path.join(__dirname, '../../../fixtures/chat/dialects.jsonl');
    const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
    assert.ok(lines.length >= 6);
    for (const line of lines) {
      const { trajectory } = read(JSON.parse(line));
      assert.deepEqual(
        actedCalls(JSON.parse(line)),
        ['image_zoom_in_tool {"x1":4,"y1":3,"x2":52,"y2":47}'],
        line,
      );
      assert.equal(trajectory.prompt.images.length, 1);
      assert.equal(trajectory.turns[0]?.observation?.images.length, 1, line);
      assert.match(trajectory.turns.at(-1)?.raw ?? '', /<answer>/);
    }
  });
});
