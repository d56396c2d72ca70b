import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import * as vscode from 'vscode';
import type { ComparePage } from '../../src/host/compare/comparePage';
import type { ComparedRow, CompareView } from '../../src/protocol/compareView';
import { projectPath, takeScreenshot, waitFor, workspacePath } from '../host/inside';
import { write } from './support/curves';
import { activatedExtension, closeEditors, sessionOf, trajectoryOf } from './support/editors';
import { writePicture } from './support/samples';

const VSTAR = (...parts: string[]): string => projectPath('test/fixtures/deepeyes-vstar', ...parts);
const NAME = 'result_direct_attributes_tmp_acc.jsonl';

interface Evaluated {
  readonly image: string;
  readonly question: string;
}

const recordsOf = (file: string): Evaluated[] =>
  readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Evaluated);

/** Two evaluations that share questions, in two folders of the workspace, with the picture of the first question. */
async function twoLogs(): Promise<{ readonly a: string; readonly b: string; readonly shared: number }> {
  const merged = recordsOf(VSTAR('merge_ds1_step48_ds4_step40', NAME));
  const asked = new Set(merged.map(({ image, question }) => `${image} ${question}`));
  const whole = recordsOf(VSTAR(NAME)).filter(
    (record, at) => at < 10 || asked.has(`${record.image} ${record.question}`),
  );
  const lines = (records: readonly Evaluated[]): string =>
    records.map((record) => `${JSON.stringify(record)}\n`).join('');
  const a = write(workspacePath('compared', 'step_40', NAME), lines(whole));
  const b = write(workspacePath('compared', 'step_72', NAME), lines(merged));
  const own = new Set(whole.map(({ image, question }) => `${image} ${question}`));
  const shared = merged.filter(({ image, question }) => own.has(`${image} ${question}`)).length;
  const pictures = workspacePath('compared', 'step_40');
  mkdirSync(pictures, { recursive: true });
  for (const { image } of merged) await writePicture(path.join(pictures, path.basename(image)), 2250, 1500);
  return { a, b, shared };
}

async function readyPage(): Promise<{ page: ComparePage; view: Extract<CompareView, { status: 'ready' }> }> {
  const { comparisons } = await activatedExtension();
  return waitFor('a comparison', () => {
    const page = comparisons.editors.at(-1);
    const view = page?.session.view;
    if (view?.status === 'error') assert.fail(view.message);
    return page && view?.status === 'ready' && { page, view };
  });
}

async function rowsOf(page: ComparePage, text: string): Promise<readonly ComparedRow[]> {
  const found = await page.session.query({ text });
  assert.ok(found.status === 'ok', JSON.stringify(found));
  return page.session.rows(found.result, 0, found.count);
}

describe('two logs side by side', () => {
  afterEach(closeEditors);

  it('are what a person selects in the explorer, and lead to their rollouts', async () => {
    const { a, b, shared } = await twoLogs();
    const uris = [vscode.Uri.file(a), vscode.Uri.file(b)];
    await vscode.commands.executeCommand('imcot.compareRollouts', uris[1], uris);
    const { page, view } = await readyPage();
    assert.equal(page.panel.title, `step_40/${NAME} ↔ step_72/${NAME}`);
    assert.ok(shared > 2);
    assert.equal(view.compared.summary.pairs, shared);
    const [first] = await rowsOf(page, 'a.zooms >= 1 && b.zooms >= 1');
    assert.ok(first?.a && first.b);
    for (const side of ['a', 'b'] as const) {
      const trajectory = await trajectoryOf(page.logs[side], first[side]?.index ?? -1);
      assert.equal(trajectory.question, first.question);
      assert.ok(trajectory.turns.some(({ parts }) => parts.some((part) => part.kind === 'toolCall')));
    }
    const [original] = (await trajectoryOf(page.logs.a, first.a.index)).originals;
    assert.equal(original?.state, 'available', original?.message);
    const picture = await page.logs.a.image(first.a.index, original.id, 400);
    assert.equal(picture.size.width, 400);
    // The page has drawn what it asked for by then.
    await waitFor('the page looking at a pair', () => page.logs.b.lastShown !== undefined, 20_000);
    await delay(1500);
    await takeScreenshot('compare');
    await page.open('b', first.b.index);
    const session = await sessionOf(b);
    await waitFor('the rollout in its editor', () => session.lastShown === first.b?.index);
    // Asked for again it is the same panel.
    await vscode.commands.executeCommand('imcot.compareRollouts', uris[0], uris);
    assert.equal((await activatedExtension()).comparisons.editors.length, 1);
  });

  it('ask for the second one, and say why two can’t be compared', async () => {
    const { a, b } = await twoLogs();
    const { showOpenDialog, showErrorMessage } = vscode.window;
    const told: string[] = [];
    let chosen = b;
    Object.assign(vscode.window, {
      showOpenDialog: () => Promise.resolve([vscode.Uri.file(chosen)]),
      showErrorMessage: (message: string) => {
        told.push(message);
        return Promise.resolve(undefined);
      },
    });
    try {
      await vscode.commands.executeCommand('imcot.compareRollouts', vscode.Uri.file(a));
      assert.ok((await readyPage()).view.compared.summary.pairs > 0);
      await closeEditors();
      chosen = a;
      await vscode.commands.executeCommand('imcot.compareRollouts', vscode.Uri.file(a));
      assert.match(told.join(), /compared with itself/);
      const text = write(workspacePath('compared', 'notes.jsonl'), 'no record\n');
      chosen = text;
      await vscode.commands.executeCommand('imcot.compareRollouts', vscode.Uri.file(a));
      const { comparisons } = await activatedExtension();
      const failed = await waitFor('the reason', () => {
        const view = comparisons.editors.at(-1)?.session.view;
        return view?.status === 'error' && view;
      });
      assert.match(failed.message, /notes\.jsonl/);
    } finally {
      Object.assign(vscode.window, { showOpenDialog, showErrorMessage });
    }
  });
});
