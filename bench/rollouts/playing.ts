import { spawn } from 'node:child_process';
import path from 'node:path';
import { demoQuestions } from '../../scripts/demoQuestions';
import type { PlayEvent } from '../../src/launch/playRollout';
import { playRollout } from '../../src/launch/playRollout';
import { settleChoices } from '../../src/launch/rolloutChoices';
import { runRollout } from '../../src/rollout/agentLoop';
import { recordRollout } from '../../src/rollout/recordRollout';
import type { Opened, Places } from './opened';

const COMMANDS = 7;

/** What some rollouts took together. */
export interface Played {
  /** Milliseconds of each. */
  readonly each: readonly number[];
  /** Tokens that the model wrote in all of them. */
  readonly tokens: number;
}

/** Milliseconds from the start of the command until its answer stands on the screen, and until it is over. */
export interface Commanded {
  readonly answer: readonly number[];
  readonly over: readonly number[];
}

/** The command line with the demo's first question, as a person types it; a round before the counted ones. */
export async function runCommands({ root, scratch }: Places): Promise<Commanded> {
  const cli = path.join(root, 'dist/cli.js');
  const [{ image, question, answer: right }] = demoQuestions(root);
  const asked = ['--image', image, '--question', question, '--answer', right];
  const answer: number[] = [];
  const over: number[] = [];
  for (let round = 0; round <= COMMANDS; round++) {
    const out = path.join(scratch, `command-${round}.imcot.jsonl`);
    const taken = await timeCommand([cli, 'run', ...asked, '--out', out]);
    if (round === 0) continue;
    answer.push(taken.answer);
    over.push(taken.over);
  }
  return { answer, over };
}

function timeCommand(args: readonly string[]): Promise<{ answer: number; over: number }> {
  const start = performance.now();
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let printed = '';
  let answer = NaN;
  let complaints = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (complaints += text));
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    printed += text;
    if (Number.isNaN(answer) && /\nverdict +right/.test(printed)) answer = performance.now() - start;
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0 && !Number.isNaN(answer)) return resolve({ answer, over: performance.now() - start });
      reject(
        new Error(`imcot run ended with ${code} and without the right answer:\n${printed}${complaints}`),
      );
    });
  });
}

/** Every question once: its picture decoded, its rollout played into a log and scored. The model has seen none of them. */
export async function playEach(opened: Opened): Promise<Played> {
  const { config, model: backend, cutter } = opened;
  const log = await opened.newLog();
  const each: number[] = [];
  let tokens = 0;
  for (const question of opened.questions) {
    const start = performance.now();
    const picture = await opened.loadPicture(question.image);
    const task = { question, picture, choices: settleChoices(config, {}) };
    tokens += await count(playRollout(task, { backend, cutter, recorder: log.recorder }));
    each.push(performance.now() - start);
  }
  await log.close();
  return { each, tokens };
}

/** Every question at temperature 0, with and without a log in turns; the pictures are decoded and known to the model. */
export async function raceRecording(
  opened: Opened,
): Promise<{ readonly recorded: Played; readonly plain: Played }> {
  const { config, model, cutter } = opened;
  const log = await opened.newLog();
  const times = { recorded: [] as number[], plain: [] as number[] };
  const tokens = { recorded: 0, plain: 0 };
  for (const [index, question] of opened.questions.entries()) {
    const { image, ...asked } = question;
    const task = { ...asked, pictures: [await opened.loadPicture(image)] };
    const run = { ...settleChoices(config, {}), backend: model, cutter };
    const play = {
      plain: () => runRollout(task, run),
      recorded: () => recordRollout(runRollout(task, run), log.recorder),
    };
    await count(play.plain());
    const order = index % 2 === 0 ? (['plain', 'recorded'] as const) : (['recorded', 'plain'] as const);
    for (const which of order) {
      const start = performance.now();
      tokens[which] += await count(play[which]());
      times[which].push(performance.now() - start);
    }
  }
  await log.close();
  return {
    recorded: { each: times.recorded, tokens: tokens.recorded },
    plain: { each: times.plain, tokens: tokens.plain },
  };
}

/** Plays to the end. @returns tokens that the model wrote */
async function count(events: AsyncIterable<PlayEvent>): Promise<number> {
  let tokens = 0;
  for await (const event of events) {
    if (event.type === 'turn') tokens += event.tokens;
    if (event.type === 'end' && event.status === 'error') throw new Error(event.reason);
  }
  return tokens;
}
