import assert from 'node:assert/strict';
import { appendFileSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as vscode from 'vscode';
import type { RunTreeRow } from '../../src/host/runs/runRows';
import { projectPath, waitFor, workspacePath } from '../host/inside';
import { activatedExtension, closeEditors, sessionOf } from './support/editors';

const BOARD = (): string => projectPath('test/fixtures/rl-logging-board/released.jsonl');
const METRICS = '{"step": 1, "loss": 0.5}\n{"step": 2, "loss": 0.25}\n';

describe('the tree of runs', () => {
  const folder = (): string => workspacePath('runs-tree');
  let elsewhere: string;

  /** Every row, with those below. */
  const all = async (row?: RunTreeRow): Promise<RunTreeRow[]> => {
    const { runs } = await activatedExtension();
    const rows = await runs.tree.getChildren(row);
    const below = await Promise.all(rows.map((child) => all(child)));
    return rows.flatMap((child, at) => [child, ...(below[at] ?? [])]);
  };
  const itemOf = async (row: RunTreeRow): Promise<vscode.TreeItem> =>
    (await activatedExtension()).runs.tree.getTreeItem(row);
  /** The row of a log, once its description fits. */
  const logRow = (name: string, words: RegExp): Promise<Extract<RunTreeRow, { kind: 'log' }>> =>
    waitFor(
      `${name}: ${words.source}`,
      async () => {
        for (const row of await all()) {
          if (row.kind !== 'log' || row.log.path !== path.join(folder(), name)) continue;
          if (words.test(String((await itemOf(row)).description))) return row;
        }
        return undefined;
      },
      40_000,
    );
  const roots = async (): Promise<readonly string[]> =>
    (await all()).flatMap((row) => (row.kind === 'root' ? row.path : []));

  before(async () => {
    mkdirSync(path.join(folder(), 'exp'), { recursive: true });
    copyFileSync(BOARD(), path.join(folder(), 'exp', 'rollouts.jsonl'));
    writeFileSync(path.join(folder(), 'exp', 'metrics.jsonl'), METRICS);
    elsewhere = mkdtempSync(path.join(tmpdir(), 'imcot-elsewhere-'));
    copyFileSync(BOARD(), path.join(elsewhere, 'others.jsonl'));
    await vscode.commands.executeCommand('imcot.runs.focus');
    (await activatedExtension()).runs.search.refresh();
  });

  after(async () => {
    await closeEditors();
    await vscode.workspace
      .getConfiguration('files')
      .update('exclude', undefined, vscode.ConfigurationTarget.Workspace);
    rmSync(folder(), { recursive: true, force: true });
    rmSync(elsewhere, { recursive: true, force: true });
  });

  it('shows the logs of the workspace by runs, with what is in them, and opens each where it belongs', async () => {
    const rollouts = await logRow('exp/rollouts.jsonl', /rollouts/);
    const metrics = await logRow('exp/metrics.jsonl', /2 rows · steps 1 to 2/);
    const run = (await all()).find((row) => row.kind === 'run' && row.children.length === 2);
    assert.ok(run, 'both are of one run');
    const open = async (row: RunTreeRow): Promise<void> => {
      const { command } = await itemOf(row);
      await vscode.commands.executeCommand(command!.command, ...(command!.arguments as unknown[]));
    };
    await open(rollouts);
    await sessionOf(rollouts.log.path);
    await open(metrics);
    const { dynamics } = await activatedExtension();
    await waitFor('the curves', () =>
      dynamics.editors.some(({ document }) => document.paths.includes(metrics.log.path)),
    );
    await closeEditors();
    await vscode.commands.executeCommand('imcot.openAsTrajectories', rollouts);
    await sessionOf(rollouts.log.path);
    await vscode.commands.executeCommand('imcot.openLogFile', metrics);
    const { logFiles } = await activatedExtension();
    await waitFor('the file itself', () => logFiles().some(({ uri }) => uri.fsPath === metrics.log.path));
  });

  it('opens the rollouts of a step', async () => {
    await closeEditors();
    const { log } = await logRow('exp/rollouts.jsonl', /rollouts/);
    const step = (log.count?.stepRollouts ?? [])[0];
    assert.ok(step);
    await vscode.commands.executeCommand('imcot.openRun', { kind: 'step', log, step });
    const session = await sessionOf(log.path);
    const filter = await waitFor('the filter', () => session.filter());
    assert.deepEqual(filter, { label: `step ${step.step}`, ranges: step.ranges });
  });

  it('shows the rollouts of a step, and opens one', async () => {
    await closeEditors();
    const log = await logRow('exp/rollouts.jsonl', /rollouts/);
    const below = (await Promise.all(log.children.map((step) => all(step)))).flat();
    const rollouts = below.filter((row) => row.kind === 'rollout');
    assert.deepEqual(
      rollouts.map(({ rollout }) => rollout.index).sort((a, b) => a - b),
      Array.from({ length: log.log.count?.records ?? 0 }, (_, index) => index),
    );
    const last = rollouts.find(({ rollout }) => rollout.index === 5);
    assert.ok(last);
    await vscode.commands.executeCommand('imcot.openRun', last);
    const session = await sessionOf(log.log.path);
    await waitFor('the rollout', () =>
      session.lastShown === 5 || session.wantedRecord === 5 ? true : undefined,
    );
  });

  it('sees what is written, made and deleted, and leaves out what the settings exclude', async function () {
    this.timeout(180_000);
    // Only while it is in view.
    await vscode.commands.executeCommand('imcot.runs.focus');
    appendFileSync(path.join(folder(), 'exp', 'metrics.jsonl'), '{"step": 3, "loss": 0.1}\n');
    await logRow('exp/metrics.jsonl', /3 rows · steps 1 to 3/);
    mkdirSync(path.join(folder(), 'later'));
    writeFileSync(path.join(folder(), 'later', 'metrics.jsonl'), METRICS);
    await logRow('later/metrics.jsonl', /2 rows/);
    const isThere = async (name: string): Promise<boolean> =>
      (await all()).some((row) => row.kind === 'log' && row.log.path === path.join(folder(), name));
    rmSync(path.join(folder(), 'later'), { recursive: true });
    await waitFor('the log being gone', async () => !(await isThere('later/metrics.jsonl')), 40_000);
    await vscode.workspace
      .getConfiguration('files')
      .update('exclude', { '**/metrics.jsonl': true }, vscode.ConfigurationTarget.Workspace);
    await waitFor('the log being left out', async () => !(await isThere('exp/metrics.jsonl')), 40_000);
    assert.ok(await isThere('exp/rollouts.jsonl'));
  });

  it('takes a folder from elsewhere, and lets it go', async () => {
    assert.deepEqual(await roots(), []);
    await vscode.commands.executeCommand('imcot.addRunFolder', vscode.Uri.file(elsewhere));
    const row = await waitFor(
      'the folder',
      async () => (await all()).find((found) => found.kind === 'root' && found.path === elsewhere),
      40_000,
    );
    await waitFor('its log', async () =>
      (await all()).some(
        (found) => found.kind === 'log' && found.log.path === path.join(elsewhere, 'others.jsonl'),
      ),
    );
    await vscode.commands.executeCommand('imcot.removeRunFolder', row);
    await waitFor('the folder being gone', async () => (await roots()).length === 0);
  });
});
