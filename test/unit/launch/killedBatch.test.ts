import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { readBatch } from '../../../scripts/server/loggedBatch';
import type { RecordedAnswer } from '../../../scripts/server/recordAnswers';
import { callChunks, labelOf, scriptedCall, serialsIn } from '../../../scripts/server/scriptedCall';
import { seenPictures } from '../../../scripts/server/seenPictures';
import { verifyBatch } from '../../../scripts/server/verifyBatch';
import { TRANSFORMERS_OPENAPI } from '../inference/openai/support/recorded';
import { type Answer, json, refuse, ReplayServer } from '../inference/openai/support/replayServer';

const ROOT = path.join(__dirname, '..', '..', '..');
const CLI = path.join(ROOT, 'dist', 'cli.js');

/** What the real server said, with its own pauses made short. */
function recordedChat(): Answer {
  const file = path.join(ROOT, 'test', 'fixtures', 'servers', 'transformers-a-picture.json');
  const { pieces } = JSON.parse(readFileSync(file, 'utf8')) as RecordedAnswer;
  return async (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' });
    for (const piece of pieces) {
      response.write(piece);
      await new Promise((resolve) => setTimeout(resolve, 4));
    }
    response.end();
  };
}

describe('a batch on a server, killed and gone on with', function () {
  this.timeout(120_000);
  let work: string;
  let server: ReplayServer | undefined;
  beforeEach(async () => (work = await mkdtemp(path.join(tmpdir(), 'imcot-batch-'))));
  afterEach(async () => {
    await server?.close();
    server = undefined;
    await rm(work, { recursive: true, force: true });
  });

  it('has each rollout once, with its crops, and the key nowhere (recorded answers of transformers serve)', async function () {
    if (!existsSync(CLI)) assert.fail('dist/cli.js is not there: npm run build');
    server = await ReplayServer.start({
      '/v1/chat/completions': recordedChat(),
      '/v1/models': refuse(500, 'Internal Server Error'),
      '/openapi.json': json(TRANSFORMERS_OPENAPI),
    });
    const failed: string[] = [];
    const passed: string[] = [];
    await verifyBatch({
      server: { address: server.address, model: 'checkpoint' },
      work,
      cli: CLI,
      questions: 12,
      samples: 4,
      seed: 5,
      check: (name, good, figures) => (good ? passed : failed).push(`${name}: ${figures}`),
      say: () => undefined,
    });
    assert.deepEqual(failed, []);
    assert.ok(passed.length >= 15);
  });

  it('its log is read without the code under test: torn lines, repetitions and missing ends are found', async () => {
    const file = path.join(work, 'log.imcot.jsonl');
    const call = `<tool_call>{"name": "image_zoom_in_tool", "arguments": {"label": "${labelOf(7)}"}}</tool_call>`;
    const lines = [
      '{"imcot":1}',
      '{"t":0,"event":"start","id":"a.0","group":{"key":"a","provenance":"uid"}}',
      `{"t":0,"event":"text","turn":0,"text":${JSON.stringify(call.slice(0, 70))}}`,
      '{"t":1,"event":"start","id":"a.0"}',
      `{"t":0,"event":"text","turn":0,"text":${JSON.stringify(call.slice(70))}}`,
      '{"t":0,"event":"observation","turn":0,"raw":"","images":[{"kind":"file","path":"x.png"}]}',
      '{"t":1,"event":"te',
      '{"t":0,"event":"outcome","status":"length"}',
    ];
    await writeFile(file, `${lines.join('\n')}\n`);
    const batch = await readBatch(file);
    assert.deepEqual(batch.torn, ['{"t":1,"event":"te']);
    assert.equal(batch.lines, 8);
    assert.deepEqual(
      batch.rollouts.map(({ id, group, calls, crops, end }) => ({ id, group, calls, crops, end })),
      [
        { id: 'a.0', group: 'a', calls: [7], crops: 1, end: 'length' },
        { id: 'a.0', group: '', calls: [], crops: 0, end: undefined },
      ],
    );
  });
});

describe('a scripted call', () => {
  it('names a box of the picture with sides above 30, as text and as a field', () => {
    for (let serial = 1; serial < 300; serial++) {
      const size = { width: 84 + (serial % 60), height: 84 + (serial % 17) };
      const call = scriptedCall(serial, size);
      const [left, top, right, bottom] = call.box;
      assert.ok(left >= 0 && top >= 0 && right <= size.width && bottom <= size.height);
      assert.ok(right - left > 30 && bottom - top > 30);
      const like = { model: 'm', usage: { prompt_tokens: 1 } };
      const chunks = callChunks(call, like);
      assert.ok(chunks.every((chunk) => chunk['model'] === 'm' && chunk['usage'] === undefined));
      const said = chunks
        .map(({ choices }) => {
          const [choice] = choices ?? [];
          const { content, tool_calls: calls } = choice?.delta ?? {};
          if (typeof content === 'string') return content;
          return (calls as { function: { arguments: string } }[])[0]?.function.arguments ?? '';
        })
        .join('');
      assert.deepEqual(serialsIn(said), [serial]);
      assert.ok(said.includes(JSON.stringify(call.box)));
      assert.equal(said.startsWith('<tool_call>'), call.form === 'text');
    }
  });

  it('pictures that are no PNG in a data URL are a fault', () => {
    const asked = (url: string): unknown => [
      { role: 'user', content: [{ type: 'image_url', image_url: { url } }] },
    ];
    assert.throws(() => seenPictures(asked('http://127.0.0.1/x.png')), /data URL/);
    assert.throws(() => seenPictures(asked('data:image/png;base64,AAAA')), /no PNG/);
    const head = Buffer.from('89504e470d0a1a0a0000000d4948445200000007000000050802000000', 'hex');
    const [seen] = seenPictures(asked(`data:image/png;base64,${head.toString('base64')}`));
    assert.deepEqual([seen?.width, seen?.height], [7, 5]);
  });
});
