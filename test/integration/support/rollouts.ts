// For tests that run rollouts inside the editor.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import * as vscode from 'vscode';
import type { StartedRun } from '../../../src/host/rollouts/rollouts';
import { projectPath, waitFor } from '../../host/inside';
import { activatedExtension } from './editors';

/** A checkpoint of random weights, which says anything and never stops by itself for long. */
export const FIXTURE_CHECKPOINT = (): string => projectPath('test', 'golden', 'qwen2_5_vl', 'checkpoint');

/** A line of an event log. */
export type LogEvent = Readonly<Record<string, unknown>> & { readonly t?: number; readonly event?: string };

/** The lines of a log, the head included; a line that is being written is left out. */
export function eventsOf(file: string): readonly LogEvent[] {
  const text = readFileSync(file, 'utf8');
  return text
    .slice(0, text.lastIndexOf('\n'))
    .split('\n')
    .map((line) => JSON.parse(line) as LogEvent);
}

/** What the model said in one trajectory so far. */
export function spokenIn(file: string, trajectory = 0): string {
  return eventsOf(file)
    .filter(({ t, event }) => t === trajectory && event === 'text')
    .map(({ text }) => String(text))
    .join('');
}

/** Names the fixture checkpoint in the settings of this machine, and waits until it can be chosen. */
export async function offerFixture(): Promise<void> {
  const folders = [FIXTURE_CHECKPOINT()];
  await vscode.workspace
    .getConfiguration('imcot')
    .update('modelFolders', folders, vscode.ConfigurationTarget.Global);
  const { models } = await activatedExtension();
  await waitFor('the fixture checkpoint among the models', async () =>
    (await models.list()).some((entry) => entry.kind === 'folder' && entry.folder === folders[0]),
  );
}

/** Takes the fixture checkpoint out of the settings again. */
export async function withdrawFixture(): Promise<void> {
  await vscode.workspace
    .getConfiguration('imcot')
    .update('modelFolders', undefined, vscode.ConfigurationTarget.Global);
}

/** Runs a command that begins a run, and gives that. */
export async function begun(command: string, argument?: unknown): Promise<StartedRun> {
  const started = await vscode.commands.executeCommand<StartedRun | undefined>(command, argument);
  assert.ok(started, `${command} began nothing`);
  return started;
}

/** Waits until the model has said something in a run. */
export async function speaking({ run, file }: StartedRun, tokens = 5): Promise<void> {
  await waitFor(
    'the model speaking',
    () => {
      const { state } = run;
      if (state.status === 'ended') assert.fail(`ended: ${state.outcome}, ${state.reason ?? ''}`);
      return state.status === 'generating' && state.tokens >= tokens && spokenIn(file) !== '';
    },
    30_000,
  );
}

/** The processes that this extension host runs models in. */
export function workerProcesses(): readonly number[] {
  return execFileSync('ps', ['-eo', 'pid=,ppid=,args='], { encoding: 'utf8' })
    .split('\n')
    .map((line) => /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line))
    .filter((match) => Number(match?.[2]) === process.pid && match?.[3]?.includes('inferenceWorker.js'))
    .map((match) => Number(match?.[1]));
}

const TICK_MS = 10;

/** The longest that this thread was held while the work went on, in milliseconds. */
export async function longestHold(work: () => Promise<unknown>): Promise<number> {
  let last = performance.now();
  let longest = 0;
  const look = (): void => {
    const now = performance.now();
    longest = Math.max(longest, now - last - TICK_MS);
    last = now;
  };
  const timer = setInterval(look, TICK_MS);
  try {
    await work();
  } finally {
    clearInterval(timer);
    look();
  }
  return longest;
}
