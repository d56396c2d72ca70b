import assert from 'node:assert/strict';
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import * as vscode from 'vscode';
import type { DemoQuestion } from '../../scripts/demoQuestions';
import { demoQuestions } from '../../scripts/demoQuestions';
import type { StartedBatch } from '../../src/host/rollouts/runQuestions';
import { projectPath, waitFor, workspacePath } from '../host/inside';
import { activatedExtension, closeEditors, readySource, sessionOf, trajectoryOf } from './support/editors';
import type { LogEvent } from './support/rollouts';
import {
  begun,
  eventsOf,
  longestHold,
  offerFixture,
  speaking,
  spokenIn,
  withdrawFixture,
  workerProcesses,
} from './support/rollouts';
import { writePicture } from './support/samples';

const FIRST = (): DemoQuestion => demoQuestions(projectPath())[0];
const HAS_DEMO = (): boolean => existsSync(projectPath('media', 'demo', 'model', 'config.json'));
const ENDLESS = { question: 'What is there?', model: 'checkpoint', temperature: 1, seed: 7 };

const last = (file: string): LogEvent | undefined => eventsOf(file).at(-1);
const accept = (): Thenable<unknown> =>
  vscode.commands.executeCommand('workbench.action.acceptSelectedQuickOpenItem');

describe('a rollout in the editor', () => {
  let picture: vscode.Uri;

  before(async () => {
    picture = vscode.Uri.file(workspacePath('pictures', 'gradient.png'));
    mkdirSync(path.dirname(picture.fsPath), { recursive: true });
    await writePicture(picture.fsPath, 300, 200);
    await offerFixture();
  });
  afterEach(async () => {
    const { rollouts } = await activatedExtension();
    for (const file of rollouts.files) rollouts.stop(file);
    await waitFor('all runs ending', () => rollouts.runs.length === 0, 20_000);
    await closeEditors();
  });
  after(withdrawFixture);

  it('goes from image, question and model to a crop, an answer and a file', async function () {
    if (!HAS_DEMO()) this.skip();
    const image = vscode.Uri.file(FIRST().image);
    const starting = begun('imcot.runRollout', image);
    // First the sample question, then the demo model: both are what the list offers first.
    const chosen = setInterval(() => void accept(), 300);
    const { run, file, ended } = await starting.finally(() => clearInterval(chosen));
    const session = await sessionOf(file);
    assert.deepEqual(await ended, { status: 'ended', outcome: 'finished' });
    assert.equal(run.task.question.question, FIRST().question);
    assert.equal(run.task.note, undefined, 'a scene of its own world');
    await waitFor('the answer in the editor', async () => {
      await readySource(session);
      return (await trajectoryOf(session, 0)).outcome.status === 'finished';
    });
    const view = await trajectoryOf(session, 0);
    assert.equal(view.originals[0]?.state, 'available', view.originals[0]?.message);
    const crops = view.turns
      .flatMap(({ parts }) => parts)
      .flatMap((part) => (part.kind === 'observation' ? part.images : []));
    assert.deepEqual(
      crops.map(({ state, kind }) => ({ state, kind })),
      [{ state: 'available', kind: 'stored' }],
    );
    const events = eventsOf(file);
    assert.equal(path.dirname(file), workspacePath('.imcot', 'rollouts'));
    assert.equal(events.find(({ event }) => event === 'outcome')?.['prediction'], 'Z');
    assert.equal(events.find(({ event }) => event === 'verdict')?.['correct'], true);
    assert.ok(events.filter(({ event }) => event === 'text').length > 20, 'token by token');
  }).timeout(60_000);

  it('keeps version control out of its folder', async () => {
    const { ended } = await begun('imcot.runRollout', { ...ENDLESS, image: picture, maxTokens: 3 });
    assert.equal((await ended).outcome, 'length');
    assert.equal(readFileSync(workspacePath('.imcot', '.gitignore'), 'utf8'), '*\n');
  }).timeout(30_000);

  it('streams into an editor that is there before the model is', async () => {
    const { inference } = await activatedExtension();
    if (inference.state.status !== 'none') await inference.unload();
    const started = await begun('imcot.runRollout', { ...ENDLESS, image: picture });
    const session = await sessionOf(started.file);
    const [head, start] = eventsOf(started.file);
    assert.ok(String(head?.['writer']).startsWith('imcot '));
    assert.equal(start?.event, 'start');
    await readySource(session);
    assert.equal((await trajectoryOf(session, 0)).question, ENDLESS.question);
    await speaking(started);
    const seen: number[] = [];
    await waitFor('the text growing in the editor', async () => {
      const view = await trajectoryOf(session, 0);
      assert.equal(view.outcome.status, 'running');
      const { length } = view.turns[0]?.raw ?? '';
      if (length > (seen.at(-1) ?? 0)) seen.push(length);
      return seen.length >= 3;
    });
    const settings = eventsOf(started.file).find(({ event }) => event === 'settings')?.['settings'];
    assert.match(String((settings as { device?: unknown } | undefined)?.device), /CPU/);
  }).timeout(60_000);

  it('stops at once when a person says so, and keeps what was generated', async () => {
    const started = await begun('imcot.runRollout', { ...ENDLESS, image: picture });
    await speaking(started, 20);
    const before = spokenIn(started.file);
    const start = performance.now();
    await vscode.commands.executeCommand('imcot.stopRollout', vscode.Uri.file(started.file));
    const end = await started.ended;
    const took = performance.now() - start;
    console.log(`      stopped after ${Math.round(took)} ms`);
    assert.equal(end.outcome, 'cancelled');
    assert.ok(took < 5000, `stopping took ${took} ms`);
    assert.equal(last(started.file)?.event, 'cancelled');
    assert.ok(spokenIn(started.file).startsWith(before));
    const session = await sessionOf(started.file);
    await waitFor('the mark in the editor', async () => {
      await readySource(session);
      return (await trajectoryOf(session, 0)).outcome.status === 'cancelled';
    });
  }).timeout(60_000);

  it('stops when the last editor of its log is closed', async () => {
    const started = await begun('imcot.runRollout', { ...ENDLESS, image: picture });
    await speaking(started);
    await vscode.commands.executeCommand('workbench.action.splitEditor');
    const { editors } = await activatedExtension();
    const open = (): number => editors().filter(({ uri }) => uri.fsPath === started.file).length;
    await waitFor('a second editor', () => open() === 2);
    await vscode.commands.executeCommand('workbench.action.closeActiveEditor');
    await waitFor('one editor less', () => open() === 1);
    const tokens = spokenIn(started.file).length;
    await waitFor('the model going on', () => spokenIn(started.file).length > tokens);
    await closeEditors();
    assert.equal((await started.ended).outcome, 'cancelled');
    assert.equal(last(started.file)?.event, 'cancelled');
  }).timeout(60_000);

  it('waits for the one before it, visibly', async () => {
    const first = await begun('imcot.runRollout', { ...ENDLESS, image: picture });
    await speaking(first);
    const second = await begun('imcot.runRollout', { ...ENDLESS, image: picture, maxTokens: 4 });
    assert.notEqual(second.file, first.file);
    assert.deepEqual(second.run.state, { status: 'queued', ahead: 1 });
    const third = await begun('imcot.runRollout', { ...ENDLESS, image: picture, maxTokens: 4 });
    assert.deepEqual(third.run.state, { status: 'queued', ahead: 2 });
    assert.equal(last(third.file)?.event, 'start', 'its log is there already');
    third.run.cancel('Not wanted any more.');
    assert.deepEqual(await third.ended, {
      status: 'ended',
      outcome: 'cancelled',
      reason: 'Not wanted any more.',
    });
    first.run.cancel();
    assert.equal((await second.ended).outcome, 'length');
    assert.equal(eventsOf(second.file).filter(({ event }) => event === 'text').length, 4);
  }).timeout(60_000);

  it('ends with a sentence when the model’s process is killed, and the next one runs', async () => {
    const started = await begun('imcot.runRollout', { ...ENDLESS, image: picture });
    await speaking(started, 20);
    const before = spokenIn(started.file);
    const [worker, ...more] = workerProcesses();
    assert.ok(worker !== undefined && more.length === 0, 'one process has the model');
    process.kill(worker, 'SIGKILL');
    const end = await started.ended;
    assert.equal(end.outcome, 'error');
    assert.match(end.reason ?? '', /was killed \(SIGKILL\).*starts it again/);
    assert.equal(last(started.file)?.['message'], end.reason);
    assert.ok(spokenIn(started.file).startsWith(before));
    const next = await begun('imcot.runRollout', { ...ENDLESS, image: picture, maxTokens: 4 });
    assert.equal((await next.ended).outcome, 'length');
  }).timeout(60_000);

  it('says what failed when the model can’t be loaded, in the log too', async () => {
    const broken = workspacePath('broken-model');
    mkdirSync(broken, { recursive: true });
    for (const name of ['config.json', 'tokenizer.json']) {
      copyFileSync(projectPath('test/golden/qwen2_5_vl/checkpoint', name), path.join(broken, name));
    }
    writeFileSync(path.join(broken, 'model.safetensors'), 'no weights');
    await vscode.workspace
      .getConfiguration('imcot')
      .update('modelFolders', [broken], vscode.ConfigurationTarget.Global);
    try {
      const { models } = await activatedExtension();
      await waitFor('the broken checkpoint', async () =>
        (await models.list()).some(({ label }) => label === 'broken-model'),
      );
      const started = await begun('imcot.runRollout', { ...ENDLESS, image: picture, model: 'broken-model' });
      const end = await started.ended;
      assert.equal(end.outcome, 'error');
      assert.match(end.reason ?? '', /broken-model/);
      assert.equal(last(started.file)?.event, 'error');
      assert.equal(last(started.file)?.['message'], end.reason);
    } finally {
      await offerFixture();
    }
  }).timeout(60_000);

  it('runs again with other settings behind what its log has, several as a group', async () => {
    const first = await begun('imcot.runRollout', { ...ENDLESS, image: picture, maxTokens: 4 });
    await first.ended;
    const session = await sessionOf(first.file);
    await readySource(session);
    await trajectoryOf(session, 0);
    const again = await begun('imcot.runAgain', { n: 2, temperature: 0.5, seed: 1, maxTokens: 3 });
    assert.equal(again.file, first.file);
    assert.deepEqual(await again.ended, {
      status: 'ended',
      outcome: 'length',
      reason: 'The turn was cut off at the limit of 3 tokens.',
    });
    assert.deepEqual(again.run.trajectories, [1, 2]);
    const starts = eventsOf(first.file).filter(({ event }) => event === 'start');
    const settings = starts.map((start) => start['settings'] as Record<string, unknown>);
    assert.deepEqual(
      settings.map(({ temperature, seed, maxTokensPerTurn }) => [temperature, seed, maxTokensPerTurn]),
      [
        [1, 7, 4],
        [0.5, 1, 3],
        [0.5, 1001, 3],
      ],
    );
    assert.equal(starts[0]?.['group'], undefined);
    assert.deepEqual(starts[1]?.['group'], starts[2]?.['group']);
    assert.deepEqual(
      starts.map((start) => (start['prompt'] as { question: string; images: unknown[] }).images),
      starts.map(() => [
        { kind: 'file', path: '../../pictures/gradient.png', size: { width: 300, height: 200 } },
      ]),
    );
    await waitFor('three rows', async () => (await readySource(session)).records === 3);
  }).timeout(60_000);

  it('refuses what is no picture, and leaves no log behind', async () => {
    const text = workspacePath('pictures', 'letter.png');
    writeFileSync(text, 'This is a letter.');
    const { rollouts } = await activatedExtension();
    const started = await vscode.commands.executeCommand('imcot.runRollout', { ...ENDLESS, image: text });
    assert.equal(started, undefined);
    assert.deepEqual(rollouts.files, []);
    const logs = readdirSync(workspacePath('.imcot', 'rollouts'));
    assert.deepEqual(
      logs.filter((name) => name.includes('letter')),
      [],
    );
  });

  it('plays a file of questions, and goes on with it after a stop', async () => {
    const lines = ['First?', 'Second?', 'Third?'].map((question) =>
      JSON.stringify({ image: 'pictures/gradient.png', question }),
    );
    const questions = workspacePath('questions.jsonl');
    writeFileSync(questions, `${lines.join('\n')}\n`);
    const settings = { model: 'checkpoint', n: 2, temperature: 1, seed: 3, maxTokens: 40 };
    const run = (argument: object): Thenable<StartedBatch | undefined> =>
      vscode.commands.executeCommand<StartedBatch | undefined>('imcot.runQuestions', argument);
    const first = await run({ ...settings, questions });
    assert.ok(first);
    await waitFor(
      'two rollouts',
      () => eventsOf(first.file).filter(({ event }) => event === 'outcome').length >= 2,
      30_000,
    );
    first.batch.cancel();
    assert.equal((await first.ended)?.end, 'cancelled');
    const second = await run({ resume: first.file });
    assert.equal(second?.file, first.file);
    const result = await second.ended;
    assert.equal(result?.end, 'done');
    assert.ok(result.resumed >= 2 && result.done === 6, JSON.stringify(result));
    const events = eventsOf(first.file);
    const ids = new Map(events.filter(({ event }) => event === 'start').map(({ t, id }) => [t, id]));
    const ended = events.filter(({ event }) => event === 'outcome').map(({ t }) => ids.get(t));
    assert.equal(ended.length, 6);
    assert.equal(new Set(ended).size, 6);
    assert.equal(await run({ resume: first.file }), undefined, 'nothing is left to go on with');
  }).timeout(90_000);

  it('stops at once while the model reads a picture that takes it long', async () => {
    const slow = workspacePath('pictures', 'slow.png');
    await writePicture(slow, 1400, 1100);
    const started = await begun('imcot.runRollout', { ...ENDLESS, image: slow, maxTokens: 3 });
    await waitFor('the picture being read', () => started.run.state.status === 'generating', 30_000);
    await delay(300);
    assert.equal(started.run.state.status === 'generating' && started.run.state.tokens, 0, 'it takes long');
    const start = performance.now();
    started.run.cancel();
    const end = await started.ended;
    const took = performance.now() - start;
    console.log(`      stopped after ${Math.round(took)} ms`);
    assert.equal(end.outcome, 'cancelled');
    assert.ok(took < 5000, `stopping took ${took} ms`);
    assert.equal(last(started.file)?.event, 'cancelled');
    const next = await begun('imcot.runRollout', { ...ENDLESS, image: picture, maxTokens: 4 });
    assert.equal((await next.ended).outcome, 'length');
  }).timeout(90_000);

  it('holds the extension host for no noticeable time, even with a large picture', async function () {
    if (!HAS_DEMO()) this.skip();
    const large = workspacePath('pictures', 'large.jpg');
    await writePicture(large, 4000, 3000);
    const settings = { question: FIRST().question, model: 'demo', maxTokens: 50 };
    let note: string | undefined;
    const held = await longestHold(async () => {
      const { run, ended } = await begun('imcot.runRollout', { ...settings, image: large });
      note = run.task.note;
      await ended;
    });
    assert.match(note ?? '', /drawn scenes only/);
    console.log(`      12 million pixels: held for ${Math.round(held)} ms at most`);
    assert.ok(held < 500, `the extension host was held for ${Math.round(held)} ms`);
  }).timeout(120_000);
});
