import * as vscode from 'vscode';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { errorCode, ImcotError } from '../../common/errors';
import type { BatchResult } from '../../launch/batch';
import type { QuestionFile } from '../../launch/questionsFound';
import { readQuestions } from '../../launch/questions';
import { coalesce } from '../coalesce';
import { reportError } from '../commands';
import { oneLine, withoutIcons } from '../foreignText';
import { localPath } from '../trajectories/openLogFile';
import type { BatchRequest } from './rolloutBatch';
import { batchWords, RolloutBatch } from './rolloutBatch';
import type { RunArguments } from './runArguments';
import { readRunArguments } from './runArguments';
import type { UnfinishedBatch } from './runBatches';
import { UnfinishedBatches } from './runBatches';
import type { RunServicesOfWindow } from './runStart';
import { namedModel, pickModel } from './runPickers';
import { logFolder, placeOfLog } from './runPlace';
import { readRunSettings } from './runSettings';

/** A batch that goes on, and how it will end. */
export interface StartedBatch {
  readonly batch: RolloutBatch;
  /** The log, absolute. */
  readonly file: string;
  readonly ended: Promise<BatchResult | undefined>;
}

const INTERVAL = 250;
const MOST_ROLLOUTS = 1000;

/**
 * Asks for questions, how often, and of whom; or goes on with a batch that was interrupted. A caller can give `questions`
 * (a resource or an absolute path), `resume` (an interrupted batch's log), and what `readRunArguments` takes.
 * @throws ImcotError `cancelled`, and as `readQuestions` and `RolloutBatch.begin`
 */
export async function runQuestions(services: RunServicesOfWindow, argument: unknown): Promise<StartedBatch> {
  const batches = new UnfinishedBatches(services.context.workspaceState);
  const given = readRunArguments(argument instanceof vscode.Uri ? undefined : argument);
  const resumed = await batchToResume(batches, argument);
  const plan = resumed ?? (await newBatch(services, argument, given));
  const found = await readQuestions(plan.questions);
  tellProblems(found, plan.questions, services);
  const entries = await services.catalogue.list();
  const request: BatchRequest = {
    questions: found.questions,
    name: path.basename(plan.questions),
    model: namedModel(entries, plan.model),
    choices: plan.choices,
    perQuestion: plan.perQuestion,
    target:
      resumed === undefined
        ? { kind: 'new', folder: logFolder(services.context, vscode.Uri.file(plan.questions)) }
        : { kind: 'append', place: placeOfLog(resumed.log) },
  };
  const batch = await RolloutBatch.begin(request, services.rollouts);
  await batches.add({ ...plan, log: batch.file });
  const ended = follow(batch, batches, services);
  return { batch, file: batch.file, ended };
}

async function newBatch(
  { catalogue, history }: RunServicesOfWindow,
  argument: unknown,
  given: RunArguments,
): Promise<UnfinishedBatch> {
  const questions = givenPlace(argument, 'questions') ?? (await pickQuestions());
  const perQuestion = given.count ?? (await askCount());
  const entries = await catalogue.list();
  const model =
    given.model === undefined ? await pickModel(entries, history.model) : namedModel(entries, given.model);
  const settings = readRunSettings((name) => vscode.workspace.getConfiguration().get<unknown>(name));
  return { log: '', questions, model: model.id, perQuestion, choices: { ...settings, ...given.choices } };
}

/** A path that the argument gives under a name, or is. */
function givenPlace(argument: unknown, name: string): string | undefined {
  const value =
    argument instanceof vscode.Uri
      ? argument
      : (argument as Readonly<Record<string, unknown>> | undefined)?.[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'string' && path.isAbsolute(value)) return value;
  const local = value instanceof vscode.Uri ? localPath(value) : undefined;
  if (local !== undefined) return local;
  throw new ImcotError('usage', `"${name}" must be a file or folder of this machine.`);
}

/** Offers to go on with what was interrupted; undefined where there is nothing, or the person wants another one. */
async function batchToResume(
  batches: UnfinishedBatches,
  argument: unknown,
): Promise<UnfinishedBatch | undefined> {
  const there = batches.all.filter(({ log, questions }) => existsSync(log) && existsSync(questions));
  if (argument !== undefined) {
    const log = argument instanceof vscode.Uri ? undefined : givenPlace(argument, 'resume');
    const found = there.find((batch) => batch.log === log);
    if (log === undefined || found) return found;
    throw new ImcotError('missing', `No batch in ${log} was interrupted.`);
  }
  if (there.length === 0) return undefined;
  const fresh: vscode.QuickPickItem & { readonly batch?: UnfinishedBatch } = { label: '$(add) New batch...' };
  const items = there.map((batch) => ({
    label: `$(debug-continue) Go on with ${withoutIcons(path.basename(batch.questions))}`,
    description: `${batch.perQuestion} of each question`,
    detail: withoutIcons(path.basename(batch.log)),
    batch,
  }));
  const picked = await vscode.window.showQuickPick([...items, fresh], {
    title: 'Run Rollouts on Questions',
    placeHolder: 'A batch was interrupted: what is in its log is not played again',
  });
  if (!picked) throw new ImcotError('cancelled', 'Nothing was chosen.');
  return picked.batch;
}

async function pickQuestions(): Promise<string> {
  // Some systems can't offer files and folders in one dialog.
  const kinds = [
    { label: '$(file) A file of questions...', description: 'JSONL, CSV', folder: false },
    {
      label: '$(folder) A folder...',
      description: 'pictures with questions beside them, as in V*',
      folder: true,
    },
  ];
  const kind = await vscode.window.showQuickPick(kinds, { title: 'Run Rollouts on Questions' });
  const picked =
    kind &&
    (await vscode.window.showOpenDialog({
      title: 'Questions',
      openLabel: 'Choose',
      canSelectFolders: kind.folder,
      canSelectFiles: !kind.folder,
      ...(!kind.folder && { filters: { Questions: ['jsonl', 'csv', 'tsv'], 'All files': ['*'] } }),
    }));
  const place = picked?.[0] && localPath(picked[0]);
  if (place === undefined) throw new ImcotError('cancelled', 'Nothing was chosen.');
  return place;
}

async function askCount(): Promise<number> {
  const typed = await vscode.window.showInputBox({
    title: 'Run Rollouts on Questions',
    prompt: 'How many rollouts of each question? Several are a group.',
    value: '1',
    validateInput: (text) =>
      /^[1-9]\d*$/.test(text.trim()) && Number(text) <= MOST_ROLLOUTS
        ? undefined
        : `Enter a whole number from 1 to ${MOST_ROLLOUTS}.`,
  });
  if (typed === undefined) throw new ImcotError('cancelled', 'Nothing was chosen.');
  return Number(typed);
}

function tellProblems(
  { problems, bad, questions }: QuestionFile,
  place: string,
  { logger }: RunServicesOfWindow,
): void {
  if (bad === 0) return;
  for (const problem of problems) logger.warn(problem);
  const words = `${bad} lines of ${path.basename(place)} are no questions (the log says which); ${questions.length} are.`;
  void vscode.window.showWarningMessage(oneLine(`iMCoT: ${words}`));
}

/** Shows how a batch goes, and forgets it when nothing is left to play. Never rejects. */
async function follow(
  batch: RolloutBatch,
  batches: UnfinishedBatches,
  { logger }: RunServicesOfWindow,
): Promise<BatchResult | undefined> {
  const { request } = batch;
  const title = oneLine(`iMCoT: ${request.model.label} on ${request.name}`);
  const options = { location: vscode.ProgressLocation.Notification, title, cancellable: true };
  try {
    const result = await vscode.window.withProgress(options, async (progress, cancel) => {
      let shown = 0;
      const report = coalesce(INTERVAL, () => {
        const { state } = batch;
        const percent = state.status === 'playing' ? (100 * state.progress.done) / state.progress.total : 0;
        progress.report({ message: oneLine(batchWords(state)), increment: Math.max(0, percent - shown) });
        shown = Math.max(shown, percent);
      });
      const listening = batch.onDidChange(() => report.push(undefined));
      const cancelling = cancel.onCancellationRequested(() => batch.cancel());
      try {
        return await batch.play();
      } finally {
        for (const disposable of [listening, cancelling, report]) disposable.dispose();
      }
    });
    if (result.end === 'done') await batches.remove(batch.file);
    if (result.end === 'fault')
      reportError(new ImcotError('input', result.reason ?? 'The batch failed.'), logger);
    logger.info(`${batch.file}: ${result.end}, ${batchWords({ status: 'playing', progress: result })}`);
    return result;
  } catch (thrown) {
    if (errorCode(thrown) !== 'cancelled') reportError(thrown, logger);
    return undefined;
  }
}
