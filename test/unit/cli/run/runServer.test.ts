import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { models, vllmChunk, vllmUsage } from '../../inference/openai/support/recorded';
import type { Answer, ReplayServer } from '../../inference/openai/support/replayServer';
import { events, inTurn, json, refuse, stream } from '../../inference/openai/support/replayServer';
import { closeAll, serve } from '../../inference/openai/support/serverFixture';
import { imcot } from '../support/imcot';
import { parseLines, SCENE, Scratch, shown } from './support/scratch';

const HOSTILE = '\u001b]0;owned\u0007\u001b[2J\r\u009b31m\u202eback';
const CALL = {
  name: 'image_zoom_in_tool',
  arguments: { bbox_2d: [10, 10, 60, 60], label: HOSTILE },
};
const LOOK = `<think>${HOSTILE} I look.</think><tool_call>${JSON.stringify(CALL)}</tool_call>`;
const YES = '<think>I see it.</think><answer>yes</answer>';

/** A model's turn, in pieces that cut tags. */
function says(text: string): Answer {
  const pieces = text.match(/[^]{1,7}/g) ?? [];
  const chunks = pieces.map((content) => vllmChunk({ content }));
  const end = vllmChunk({ content: '' }, { finish_reason: 'stop', stop_reason: null });
  return stream([events([vllmChunk({ role: 'assistant', content: '' }), ...chunks, end, vllmUsage(20, 9)])]);
}

const server = (...turns: Answer[]): Promise<ReplayServer> =>
  serve(inTurn(...turns), { '/v1/models': json(models('vllm', { max_model_len: 40_000 })) });

describe('imcot run on a server', () => {
  const scratch = new Scratch();
  const log = (): string => scratch.at('a.imcot.jsonl');
  const ask = (address: string, ...more: string[]): string[] => [
    'run',
    '--server',
    address,
    '--image',
    SCENE,
    '--question',
    'Is it?',
    '--out',
    log(),
    ...more,
  ];

  beforeEach(() => scratch.open());
  afterEach(async () => {
    delete process.env['IMCOT_SERVER_KEY'];
    delete process.env['IMCOT_JUDGE_KEY'];
    await closeAll();
    await scratch.close();
  });

  it('prints what happens, in its order', async () => {
    const { address } = await server(says(LOOK.replaceAll(HOSTILE, 'there')), says(YES));
    const run = await imcot(ask(address, '--answer', 'yes'));
    assert.equal(run.code, 0, shown(run));
    const order = [
      'model         qwen (vLLM at http://127.0.0.1',
      'image ',
      'question      Is it?',
      'Turn 1',
      'thought\n  there I look.\n',
      'tool call\n  {"name":"image_zoom_in_tool"',
      'image_zoom_in_tool [10, 10, 60, 60]',
      'crop 50 x 50, seen as 56 x 56, 4 visual tokens',
      'observation\n  image: 56 x 56',
      'Turn 2',
      'answer\n  yes\n',
      'prediction    yes',
      'ground truth  yes',
      'verdict       right (recomputed by rule: ',
      'reward        2 = ',
      'outcome       finished',
      'model wrote ',
      'file ',
      'to see it     code ',
    ];
    let at = -1;
    for (const words of order) {
      const next = run.out.indexOf(words, at + 1);
      assert.ok(next > at, `"${words}" in its place in\n${run.out}`);
      at = next;
    }
    assert.equal(run.err, '');
  });

  it('lets no model text act on the terminal', async () => {
    const { address } = await server(says(LOOK), says(`<answer>${HOSTILE}</answer>`));
    const run = await imcot(ask(address, '--answer', HOSTILE), { columns: 60, colour: true });
    assert.equal(run.code, 0, shown(run));
    assert.ok(run.out.includes('␛]0;owned␇'));
    // eslint-disable-next-line no-control-regex -- our own colours
    const plain = run.out.replace(/\u001b\[\d{1,2}m/g, '');
    // eslint-disable-next-line no-control-regex -- the very thing that must not be there
    assert.doesNotMatch(plain, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
    const spoken = plain.slice(plain.indexOf('Turn 1'), plain.indexOf('prediction')).split('\n');
    for (const line of spoken) assert.ok(line.length <= 60, line);
  });

  it('with --json prints the lines of the file and nothing else', async () => {
    const { address } = await server(says(LOOK), says(YES));
    const run = await imcot(ask(address, '--json', '--answer', 'yes'));
    assert.equal(run.code, 0, shown(run));
    assert.equal(run.out, await readFile(log(), 'utf8'));
    const names = parseLines(run.out).map((line) => line.event);
    assert.deepEqual(
      names.filter((name) => name !== 'text'),
      [undefined, 'start', 'toolCall', 'observation', 'outcome', 'verdict', 'reward'],
    );
    assert.match(run.err, /a\.imcot\.jsonl/);
  });

  it("sends the model's key to the model and the judge's to the judge, and writes neither", async () => {
    const [model, judge] = [
      await server(says('<answer>perhaps so</answer>')),
      await server(says('Verdict: 1')),
    ];
    const truth = ['--answer', 'It is rather a matter of taste', '--judge', judge.address];
    const judged = async (): Promise<(string | undefined)[]> => {
      const run = await imcot(ask(model.address, ...truth));
      assert.equal(run.code, 0, shown(run));
      assert.match(run.out, /right \(recomputed by judge\): The judge's verdict is 1\./);
      assert.match(run.out, /judge said +Verdict: 1/);
      assert.doesNotMatch(run.out + run.err + (await readFile(log(), 'utf8')), /open-sesame/);
      const last = (replay: ReplayServer) => replay.requests.at(-1)?.headers.authorization;
      return [last(model), last(judge)];
    };
    process.env['IMCOT_SERVER_KEY'] = 'open-sesame';
    const [first, none] = await judged();
    assert.equal(first, 'Bearer open-sesame');
    assert.doesNotMatch(none ?? '', /open-sesame/);
    process.env['IMCOT_JUDGE_KEY'] = 'open-sesame-too';
    assert.equal((await judged())[1], 'Bearer open-sesame-too');
  });

  it('ends with 1 when the server fails, and with a sentence when it is not there', async () => {
    const { address } = await server(refuse(400, '{"error": {"message": "The prompt is odd."}}'));
    const run = await imcot(ask(address));
    assert.equal(run.code, 1, shown(run));
    assert.match(run.out, /outcome {7}error: .*The prompt is odd/);
    assert.equal(parseLines(await readFile(log(), 'utf8')).at(-1)?.event, 'error');
    await closeAll();
    const gone = await imcot(ask(address));
    assert.equal(gone.code, 1, shown(gone));
    assert.match(gone.err, /^imcot: .*127\.0\.0\.1/);
  });

  it('adds to a log, takes no other file for one, and leaves none behind without a rollout', async () => {
    const { address } = await server(says(YES));
    for (let run = 0; run < 2; run++) assert.equal((await imcot(ask(address))).code, 0);
    const starts = parseLines(await readFile(log(), 'utf8')).filter((line) => line.event === 'start');
    assert.deepEqual(
      starts.map(({ t }) => t),
      [0, 1],
    );
    await writeFile(log(), 'my thesis\n');
    const refused = await imcot(ask(address));
    assert.equal(refused.code, 1, shown(refused));
    assert.equal(await readFile(log(), 'utf8'), 'my thesis\n');
    const other = scratch.at('b.imcot.jsonl');
    const wrong = await imcot([
      ...ask(address),
      '--out',
      other,
      '--protocol',
      'plain',
      '--declare',
      'nothing',
    ]);
    assert.equal(wrong.code, 2, shown(wrong));
    await assert.rejects(readFile(other), /ENOENT/);
    const nowhere = await imcot([...ask(address), '--out', scratch.at('no/b.imcot.jsonl')]);
    assert.match(nowhere.err, /there is no folder/);
  });

  it('plays a batch, and after a kill only what is missing', async () => {
    const { address, chats } = await server(says(YES));
    const questions = await scratch.questions('One?', 'Two?', 'Three?');
    const batch = [
      'run',
      '--server',
      address,
      '--questions',
      questions,
      '--n',
      '2',
      '--concurrency',
      '1',
      '--out',
      log(),
    ];
    const first = await imcot(batch);
    assert.equal(first.code, 0, shown(first));
    assert.match(first.out, /rollouts {6}6 of 6 \(3 questions x 2\)\n/);
    assert.match(first.out, /right {9}6 \(100\.0 %\)\nwrong {9}0\nnot judged {4}0\nfailed {8}0\n/);
    const whole = await readFile(log(), 'utf8');
    const lines = parseLines(whole);
    // As if it had been killed in the middle of the last rollout, in the middle of a line.
    const cut = whole
      .split('\n')
      .findIndex((_, index) => lines[index]?.event === 'text' && lines[index].t === 5);
    await writeFile(log(), `${whole.split('\n').slice(0, cut).join('\n')}\n{"t":5,"ev`);
    const again = await imcot(batch);
    assert.equal(again.code, 0, shown(again));
    assert.match(again.out, /6 of 6 \(3 questions x 2\); 5 were in the log already/);
    const ends = parseLines((await readFile(log(), 'utf8')).replace('{"t":5,"ev\n', '')).filter(
      ({ event }) => event === 'outcome',
    );
    assert.equal(ends.length, 6);
    const asked = chats.length;
    const third = await imcot(batch);
    assert.deepEqual([third.code, chats.length], [0, asked], 'nothing is left to ask');
  });

  it('tells what is no question, goes on with the others and ends with 1', async () => {
    const { address } = await server(says(YES));
    const file = await scratch.questions('One?');
    await writeFile(
      file,
      `${await readFile(file, 'utf8')}{"image": "gone.png", "question": "Two?"}\nnot json\n`,
    );
    const run = await imcot(['run', '--server', address, '--questions', file, '--out', log()]);
    assert.equal(run.code, 1, shown(run));
    assert.match(run.out, /1 of 1 \(1 question\)/);
    assert.equal(run.err.split('\n').filter((line) => line.startsWith('imcot: ')).length, 2, run.err);
  });
});
