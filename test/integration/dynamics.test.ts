import assert from 'node:assert/strict';
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import * as vscode from 'vscode';
import type { DynamicsPage } from '../../src/host/dynamics/dynamicsPage';
import { projectPath, waitFor, workspacePath } from '../host/inside';
import { curveEvents, verlConsole } from '../support/curveFiles';
import { figureCurves, onlyRun, readyView, rolloutLine, write } from './support/curves';
import { activatedExtension, closeEditors, readySource, sessionOf, trajectoryOf } from './support/editors';

const root = (): string => projectPath();
const curves = (): ReturnType<typeof figureCurves> => figureCurves(root());

/** The page that shows these paths, once its curves are there. */
async function pageOf(...paths: string[]): Promise<DynamicsPage> {
  const { dynamics } = await activatedExtension();
  return waitFor(`curves of ${paths.join(', ')}`, () =>
    dynamics.editors.find(({ document }) => {
      if (document.paths.join() !== paths.join()) return false;
      if (document.view.status === 'error') assert.fail(document.view.message);
      return document.view.status === 'ready' && document.view.reading === undefined;
    }),
  );
}

async function openCurves(file: string): Promise<DynamicsPage> {
  await vscode.commands.executeCommand('imcot.showDynamics', vscode.Uri.file(file));
  return pageOf(file);
}

/** A log of metrics, and rollouts of its steps 40 to 47 in a file that nothing leads to. */
function runWithRollouts(name: string): { readonly log: string; readonly dump: string } {
  const log = write(workspacePath(name, 'logs', 'train.log'), verlConsole(curves()));
  const lines = Array.from({ length: 32 }, (_, i) => rolloutLine(root(), 40 + Math.floor(i / 4), i));
  const dump = write(workspacePath(`${name}-elsewhere`, 'rollouts.jsonl'), lines.join(''));
  return { log, dump };
}

/** Does something while every dialog is answered by a file, as if a person chose it. */
async function choosing<T>(file: string, work: () => Promise<T>): Promise<T> {
  const { showQuickPick, showOpenDialog, showSaveDialog } = vscode.window;
  const uri = vscode.Uri.file(file);
  Object.assign(vscode.window, {
    showQuickPick: (items: readonly { readonly isFolder?: boolean }[]) =>
      Promise.resolve(items.find(({ isFolder }) => isFolder === false)),
    showOpenDialog: () => Promise.resolve([uri]),
    showSaveDialog: () => Promise.resolve(uri),
  });
  try {
    return await work();
  } finally {
    Object.assign(vscode.window, { showQuickPick, showOpenDialog, showSaveDialog });
  }
}

describe('the dynamics editor', () => {
  afterEach(closeEditors);

  it('finds the stages of the paper in a console log', async () => {
    const file = write(workspacePath('paper.log'), verlConsole(curves()));
    const run = onlyRun(await openCurves(file));
    assert.equal(run.stages.status, 'three stages', JSON.stringify(run.stages));
    const boundaries = run.stages.boundaries.map(({ step }) => step);
    assert.ok(
      Math.abs((boundaries[0] ?? 0) - 20) <= 3 && Math.abs((boundaries[1] ?? 0) - 46) <= 3,
      `${boundaries}`,
    );
  });

  it('is what event files open in, and draws their points', async () => {
    const file = write(workspacePath('tb', 'events.out.tfevents.1700000000.host.1.0'), curveEvents(curves()));
    await vscode.commands.executeCommand('vscode.open', vscode.Uri.file(file));
    const page = await pageOf(file);
    const { id, keys } = onlyRun(page);
    assert.ok(keys.some(({ key, points }) => key === 'grounding/iou_mean' && points === 80));
    const { curves: drawn } = await page.session.curves({
      curves: [{ id: 'iou', members: [{ run: id, key: 'grounding/iou_mean' }] }],
      x: 'step',
      columns: 500,
      smoothing: 0.6,
    });
    assert.equal(drawn[0]?.total, 80);
    assert.deepEqual(drawn[0]?.extent, [0, 79]);
  });

  it('shows a folder of runs in one panel, which is there but once', async () => {
    for (const [i, name] of ['first', 'second'].entries())
      write(workspacePath('runs', name, 'train.log'), verlConsole(curves().slice(i)));
    const folder = workspacePath('runs');
    const page = await openCurves(folder);
    assert.equal(readyView(page).runs.length, 2);
    assert.equal(page.panel.title, 'runs');
    await openCurves(folder);
    const { dynamics } = await activatedExtension();
    assert.equal(dynamics.editors.length, 1);
  });

  it('follows a log that grows', async () => {
    const lines = verlConsole(curves()).split(/(?<=\n)/);
    const file = write(workspacePath('growing.log'), lines.slice(0, 40).join(''));
    const page = await openCurves(file);
    assert.equal(onlyRun(page).steps?.last, 19);
    appendFileSync(file, lines.slice(40).join(''));
    await waitFor('the last step', () => onlyRun(page).steps?.last === 79, 15_000);
    assert.equal(onlyRun(page).live, true);
  });

  it('links rollouts that a person chooses, opens those of a step, and leads back to it', async () => {
    const { log, dump } = runWithRollouts('linked');
    const page = await openCurves(log);
    const { id, rollouts } = onlyRun(page);
    assert.equal(rollouts, undefined);
    assert.deepEqual(await page.session.stepRollouts(id, 46), { status: 'none' });
    assert.equal(await choosing(dump, () => page.session.linkRollouts(id)), true);
    await waitFor('the curves of the rollouts', () => {
      const linked = onlyRun(page).rollouts;
      return linked?.link === 'chosen' && linked.progress === undefined && linked.records === 32;
    });
    const of = await page.session.stepRollouts(id, 46);
    assert.ok(of.status === 'ready' && of.rollouts === 4, JSON.stringify(of));
    await page.session.openRollouts(id, 46);
    const session = await sessionOf(dump);
    await readySource(session);
    assert.deepEqual(await session.filter(), { label: 'step 46', ranges: [[24, 28]] });
    const rows = await session.rowsIn([[24, 28]]);
    assert.deepEqual(
      rows.map((row) => row.status === 'ok' && row.step),
      [46, 46, 46, 46],
    );
    assert.equal((await trajectoryOf(session, 24)).step, 46);
    const steps: number[] = [];
    const { showStep } = page;
    page.showStep = (step) => {
      steps.push(step);
      showStep.call(page, step);
    };
    await session.showInCurves(24);
    assert.deepEqual(steps, [46]);
    // Opened anew, the link is remembered; and from the rollouts, with no curves open, it leads to the log.
    await closeEditors();
    const again = await openCurves(log);
    await waitFor('the link', () => onlyRun(again).rollouts?.link === 'chosen');
    await closeEditors();
    await vscode.commands.executeCommand('vscode.openWith', vscode.Uri.file(dump), 'imcot.trajectory');
    await (await sessionOf(dump)).showInCurves(24);
    await pageOf(log);
  });

  it('draws the curves of rollouts that no log belongs to', async () => {
    const { dump } = runWithRollouts('alone');
    await vscode.commands.executeCommand('vscode.openWith', vscode.Uri.file(dump), 'imcot.trajectory');
    await readySource(await sessionOf(dump));
    await vscode.commands.executeCommand('imcot.showDynamics');
    const page = await pageOf(dump);
    const run = await waitFor('its curves', () => {
      const only = onlyRun(page);
      return only.rollouts?.progress === undefined && only.rollouts?.records === 32 && only;
    });
    assert.equal(run.rollouts?.link, 'own');
    assert.deepEqual([run.steps?.first, run.steps?.last], [40, 47]);
    assert.ok(run.keys.every(({ key, computed }) => key.startsWith('rollouts/') && computed === true));
    await page.session.openRollouts(run.id, 41);
    assert.deepEqual(await (await sessionOf(dump)).filter(), { label: 'step 41', ranges: [[4, 8]] });
  });

  it('opens a folder of step files as one log of rollouts', async () => {
    const folder = workspacePath('dumps', 'rollout_data');
    for (const step of [1, 2, 3]) {
      const [line] = readFileSync(
        projectPath('test/fixtures/verl-rollouts/rollout_data/21.jsonl'),
        'utf8',
      ).split('\n');
      const record = { ...(JSON.parse(line ?? '') as object), step };
      write(path.join(folder, `${step}.jsonl`), `${JSON.stringify(record)}\n`.repeat(step));
    }
    const page = await openCurves(folder);
    const { id } = await waitFor('its curves', () => {
      const only = onlyRun(page);
      return only.rollouts?.records === 6 && only.rollouts.progress === undefined && only;
    });
    await page.session.openRollouts(id, 3);
    const session = await sessionOf(folder);
    assert.equal((await readySource(session)).records, 6);
    assert.deepEqual(await session.filter(), { label: 'step 3', ranges: [[3, 6]] });
    assert.equal((await trajectoryOf(session, 5)).step, 3);
  });

  it('reveals the line of a point', async () => {
    const file = write(workspacePath('reveal.log'), verlConsole(curves()));
    const page = await openCurves(file);
    await page.session.revealPoint({ run: onlyRun(page).id, key: 'grounding/iou_mean' }, 41);
    const { logFiles } = await activatedExtension();
    await waitFor('the raw log', () => logFiles().some(({ uri }) => uri.fsPath === file));
    await assert.rejects(
      page.session.revealPoint({ run: onlyRun(page).id, key: 'grounding/iou_mean' }, 41.5),
    );
  });

  it('writes pictures and tables where a person says', async () => {
    const file = write(workspacePath('export.log'), verlConsole(curves()));
    const page = await openCurves(file);
    const { id: run } = onlyRun(page);
    const svg = '<svg xmlns="http://www.w3.org/2000/svg"></svg>';
    const picture = workspacePath('out.svg');
    assert.equal(await choosing(picture, () => page.session.savePicture('svg', svg)), true);
    assert.equal(readFileSync(picture, 'utf8'), svg);
    const table = workspacePath('out.csv');
    const wanted = [{ run, key: 'grounding/iou_mean' }];
    assert.equal(await choosing(table, () => page.session.saveTable(wanted)), true);
    const lines = readFileSync(table, 'utf8').trimEnd().split(/\r?\n/);
    assert.equal(lines.length, 81);
    assert.match(lines[0] ?? '', /step.*grounding\/iou_mean/);
    await assert.rejects(
      choosing(workspacePath('none', 'out.svg'), () => page.session.savePicture('svg', svg)),
      { code: 'input', message: /out\.svg was not saved/ },
    );
    assert.equal(existsSync(workspacePath('none')), false);
  });

  it('shows that its thread crashed, and opens anew when asked to', async () => {
    const file = write(workspacePath('crash.log'), verlConsole(curves()));
    const page = await openCurves(file);
    const { document, session } = page;
    const { client } = document as unknown as { client: { worker: { terminate(): Promise<number> } } };
    await client.worker.terminate();
    await waitFor('the crash', () => document.view.status === 'error');
    assert.match(document.view.status === 'error' ? document.view.message : '', /crashed/);
    await assert.rejects(session.table([], 0, 1), { code: 'internal', message: /crashed/ });
    await session.reload();
    assert.equal(onlyRun(await pageOf(file)).steps?.count, 80);
  });

  it('says why it draws nothing of a file that is something else, and of one that lies elsewhere', async () => {
    const { dynamics } = await activatedExtension();
    const messageOf = async (uri: vscode.Uri): Promise<string> => {
      await vscode.commands.executeCommand('vscode.openWith', uri, 'imcot.dynamics');
      return waitFor('a message', () => {
        const view = dynamics.editors.at(-1)?.document.view;
        return view?.status === 'error' && view.message;
      });
    };
    const prose = write(workspacePath('prose.txt'), 'This is a letter.\nIt is no log.\n');
    assert.match(await messageOf(vscode.Uri.file(prose)), /prose\.txt/);
    const virtual = vscode.Uri.from({ scheme: 'imcot-nowhere', path: '/run.log' });
    assert.match(await messageOf(virtual), /files on this machine/);
  });

  it('goes on with a file that becomes one', async () => {
    const file = write(workspacePath('later.log'), '');
    await vscode.commands.executeCommand('vscode.openWith', vscode.Uri.file(file), 'imcot.dynamics');
    const { dynamics } = await activatedExtension();
    const page = await waitFor('the editor', () =>
      dynamics.editors.find(({ document }) => document.paths[0] === file),
    );
    await waitFor('an answer', () => page.document.view.status !== 'loading');
    appendFileSync(file, verlConsole(curves()));
    await waitFor(
      'the curves',
      () => page.document.view.status === 'ready' && page.document.view.runs[0]?.steps?.last === 79,
      15_000,
    );
  });
});
