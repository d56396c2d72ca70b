import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { readLoggedRollouts } from '../../../src/launch/batchLog';
import type { Question } from '../../../src/launch/question';
import { readLog } from '../../support/demoModel';
import { answering, manyQuestions, playInto, writePicture } from './support/batches';
import type { LogLine } from './support/batches';

const REASON = 'The right answer is not known.';

describe('a rollout whose answer nobody can judge', () => {
  let folder = '';
  let file = '';
  let questions: readonly Question[] = [];
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'unjudged-'));
    file = path.join(folder, 'log.imcot.jsonl');
    const [question] = manyQuestions(1, writePicture(folder, 'a.png'));
    assert.ok(question);
    const { groundTruth: _groundTruth, ...open } = question;
    questions = [open];
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const play = async (protocol: string, asked = questions): Promise<string> => {
    const choices = { protocol };
    await playInto(file, { questions: asked, choices }, { backend: await answering() });
    return readFileSync(file, 'utf8');
  };
  const scores = (log: string): Omit<LogLine, 'at'>[] =>
    log
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as LogLine)
      .filter(({ event }) => event === 'verdict' || event === 'reward')
      .map(({ at: _at, ...rest }) => rest);

  for (const protocol of ['plain', 'mini-o3', 'qwen3-vl', 'chain-of-focus']) {
    it(`says why in the log of ${protocol}, and is scored once`, async () => {
      const log = await play(protocol);
      const unknown = [{ name: 'accuracy', reason: REASON }];
      assert.deepEqual(scores(log), [{ t: 0, event: 'reward', parts: [], unknown }]);
      assert.deepEqual((await readLoggedRollouts(file)).unscored, []);
      assert.equal(await play(protocol), log, 'going on with it adds nothing');
      const { trajectories, damage } = await readLog(file);
      assert.deepEqual(damage, []);
      assert.deepEqual(trajectories[0]?.reward, { parts: [], unknown });
      assert.equal(trajectories[0]?.verdict, undefined);
    });
  }

  it('is scored when a log is gone on with that lacks it, and only then', async () => {
    const whole = await play('plain');
    const lines = whole.trimEnd().split('\n');
    writeFileSync(file, `${lines.slice(0, -1).join('\n')}\n`);
    assert.equal((await readLoggedRollouts(file)).unscored.length, 1);
    const again = await play('plain');
    assert.deepEqual(scores(again), scores(whole));
    assert.equal(await play('plain'), again);
  });

  it('has no reward beside a verdict, where the protocol has no formula', async () => {
    const judged = questions.map((question) => ({ ...question, groundTruth: 'red' }));
    const events = scores(await play('plain', judged));
    assert.deepEqual(
      events.map(({ event, correct }) => [event, correct]),
      [['verdict', true]],
    );
  });

  it('keeps what is known of the formula where there is one', async () => {
    const [reward, ...more] = scores(await play('deepeyes-v2'));
    assert.deepEqual(more, []);
    assert.equal(reward?.['formula'], 'deepeyes');
    const names = (list: unknown): string[] => (list as { name: string }[]).map(({ name }) => name);
    assert.ok(names(reward?.['unknown']).includes('accuracy'));
    assert.ok(names(reward?.['parts']).includes('format'));
  });
});
