import assert from 'node:assert/strict';
import { ImcotError } from '../../../../src/common/errors';
import { startAhead } from '../../../../src/host/rollouts/rolloutAhead';
import type { RunServices } from '../../../../src/host/rollouts/rolloutRun';
import { RolloutRun } from '../../../../src/host/rollouts/rolloutRun';
import type { RolloutRunState } from '../../../../src/host/rollouts/rolloutRunState';
import { runWords } from '../../../../src/host/rollouts/rolloutRunState';
import { settleChoices } from '../../../../src/launch/rolloutChoices';
import type { Backend } from '../../../../src/inference/backend';
import { Recorder } from '../../../../src/rollout/recorder';
import { ChatTemplate } from '../../../../src/inference/onnx/text/chatTemplate';
import { qwenPath } from '../../../support/goldenQwen';
import type { ScriptHooks } from '../../../support/scriptedBackend';
import { ScriptedBackend } from '../../../support/scriptedBackend';
import { gradient, realCutter } from '../../rollout/support/rolloutLog';

type Line = Readonly<Record<string, unknown>>;

/** A log in memory. */
class Lines {
  readonly lines: Line[] = [];
  readonly recorder = new Recorder(
    {
      append: (line) => {
        this.lines.push(JSON.parse(line) as Line);
        return Promise.resolve();
      },
      writeImage: (hash) => Promise.resolve(`${hash}.png`),
    },
    { sha256: (bytes) => String(bytes.length) },
  );
  readonly place = { file: '/logs/run.imcot.jsonl', root: '/logs' };
  close = (): Promise<void> => Promise.resolve();

  of(event: string): Line[] {
    return this.lines.filter((line) => line['event'] === event);
  }
}

const ANSWER = '<think>I see.</think>\n<answer>yes</answer>';
const TASK = {
  question: { image: '/pictures/a.png', question: 'Is it?' },
  picture: gradient(64, 64),
  model: 'Demo model',
  config: {},
  choices: { maxTurns: 2 },
  count: 1,
  group: 'g',
};

const scripted = async (hooks: ScriptHooks = {}): Promise<Backend> =>
  new ScriptedBackend(await ChatTemplate.open(qwenPath('checkpoint')), [{ says: ANSWER }], hooks);

/** A run with its log and what was done with its model. */
function newRun(
  open: (signal: AbortSignal) => Promise<Backend>,
  changes: Partial<ConstructorParameters<typeof RolloutRun>[0]> = {},
) {
  const log = new Lines();
  const did: string[] = [];
  const services: RunServices = {
    cutter: realCutter,
    enter: (moved) => {
      moved(0);
      return Promise.resolve(() => void did.push('left'));
    },
    open: async (signal, tell) => {
      tell('reading weights', 0.4);
      const backend = await open(signal);
      const entry = { kind: 'demo', id: 'demo', label: 'Demo model', folder: '/demo' } as const;
      return { entry, backend, config: {}, dispose: () => void did.push('given back') };
    },
    giveBack: (opened) => Promise.resolve(opened.dispose()),
  };
  const run = new RolloutRun({ ...TASK, ...changes }, log, services);
  const states: RolloutRunState[] = [];
  run.onDidChange((state) => states.push(state));
  return { run, log, did, states };
}

describe('a run of rollouts', () => {
  it('writes its beginning before there is a model, and what the model adds when it is there', async () => {
    const { run, log, did, states } = newRun(() => scripted());
    await run.begin();
    const [start] = log.lines;
    assert.equal(start?.['event'], 'start');
    assert.equal(start['model'], 'Demo model');
    assert.equal((start['settings'] as Line)['device'], undefined);
    assert.equal((start['settings'] as Line)['maxTurns'], 2);
    assert.deepEqual(await run.play(), { status: 'ended', outcome: 'finished' });
    assert.deepEqual(log.of('start').length, 1);
    assert.deepEqual(log.of('settings')[0]?.['settings'], { device: 'script' });
    assert.equal(log.of('outcome')[0]?.['prediction'], 'yes');
    assert.deepEqual(did, ['given back', 'left']);
    assert.deepEqual(states.map(runWords).slice(0, 4), [
      'starting',
      'loading the model: starting',
      'loading the model: reading weights 40%',
      'reading the picture',
    ]);
    assert.equal(states.at(-1)?.status, 'ended');
  });

  it('plays a group, each rollout with a seed of its own, at temperature 1', async () => {
    const { run, log } = newRun(() => scripted(), { count: 3, choices: { seed: 5 } });
    await run.begin();
    await run.play();
    const starts = log.of('start');
    assert.deepEqual(run.trajectories, [0, 1, 2]);
    assert.deepEqual(
      starts.map((start) => [start['id'], (start['settings'] as Line)['seed']]),
      [
        ['g.0', 5],
        ['g.1', 1005],
        ['g.2', 2005],
      ],
    );
    assert.ok(starts.every((start) => (start['settings'] as Line)['temperature'] === 1));
    assert.ok(starts.every((start) => (start['group'] as Line)['key'] === 'g'));
  });

  it('ends with what the loading said', async () => {
    const broken = new ImcotError('input', 'model.safetensors is cut short. Copy it again.');
    const { run, log, did } = newRun(() => Promise.reject(broken));
    await run.begin();
    assert.deepEqual(await run.play(), { status: 'ended', outcome: 'error', reason: broken.message });
    assert.equal(log.of('error')[0]?.['message'], broken.message);
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(did, ['left']);
  });

  it('is cancelled while the model loads', async () => {
    const { run, log } = newRun(
      (signal) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(new ImcotError('cancelled', 'Loading was stopped.')));
        }),
    );
    await run.begin();
    const playing = run.play();
    await new Promise((resolve) => setImmediate(resolve));
    run.cancel('Stopped by the person.');
    assert.deepEqual(await playing, {
      status: 'ended',
      outcome: 'cancelled',
      reason: 'Stopped by the person.',
    });
    assert.equal(log.of('cancelled')[0]?.['reason'], 'Stopped by the person.');
  });

  it('keeps what was said when it is cancelled, and plays no further rollout', async () => {
    let tokens = 0;
    const hooks: ScriptHooks = {
      onToken: () => {
        if (++tokens === 3) run.cancel();
      },
    };
    const { run, log } = newRun(() => scripted(hooks), { count: 4 });
    await run.begin();
    assert.deepEqual(await run.play(), { status: 'ended', outcome: 'cancelled' });
    assert.equal(log.of('start').length, 1);
    assert.ok(log.of('text').length >= 3);
    assert.equal(log.lines.at(-1)?.['event'], 'cancelled');
  });

  it('does not wait for a model that does not hear a stop', async () => {
    let answer = (): void => undefined;
    let asked = (): void => undefined;
    const reading = new Promise<void>((resolve) => (asked = resolve));
    const hooks: ScriptHooks = {
      onAppend: () => {
        asked();
        return new Promise((resolve) => (answer = resolve));
      },
    };
    const { run, log } = newRun(() => scripted(hooks));
    await run.begin();
    const playing = run.play();
    await reading;
    const start = performance.now();
    run.cancel();
    assert.deepEqual(await playing, { status: 'ended', outcome: 'cancelled' });
    assert.ok(performance.now() - start < 500, 'within half a second');
    assert.equal(log.of('cancelled').length, 1);
    answer();
  });

  it('refuses a setting that may not be before anything is written', () => {
    assert.throws(() => newRun(() => scripted(), { choices: { maxTurns: 0 } }), {
      code: 'usage',
      message: /maxTurns is 0/,
    });
  });
});

describe('a rollout that is to begin', () => {
  it('has its note among the extras', () => {
    const { question, picture, model } = TASK;
    const choices = settleChoices({}, {});
    const start = startAhead({ question, picture, model, choices, note: 'Trained on drawings.' });
    assert.deepEqual(start.extras, [['note', 'Trained on drawings.']]);
    assert.equal(start.prompt.question, 'Is it?');
  });
});

describe('the words of a run', () => {
  it('say what is waited for, counted and how fast', () => {
    const progress = { status: 'generating', rollout: 1, of: 3, turn: 0, tokens: 12 } as const;
    assert.equal(runWords({ status: 'queued', ahead: 1 }), 'waiting for 1 other rollout');
    assert.equal(runWords({ status: 'queued', ahead: 2 }), 'waiting for 2 other rollouts');
    assert.equal(runWords(progress), 'rollout 2 of 3, turn 1, 12 tokens');
    assert.equal(runWords({ ...progress, of: 1, tokensPerSecond: 3.14159 }), 'turn 1, 12 tokens, 3.1 tok/s');
  });
});
