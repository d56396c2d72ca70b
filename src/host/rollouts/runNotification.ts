import * as vscode from 'vscode';
import { ImcotError } from '../../common/errors';
import type { Logger } from '../../common/logger';
import { coalesce } from '../coalesce';
import { reportError } from '../commands';
import { oneLine } from '../foreignText';
import { runWords } from './rolloutRunState';
import type { StartedRun } from './rollouts';

/** How often the words of a notification change at most, in milliseconds. */
const INTERVAL = 250;

/** Shows a run's progress, lets the person stop it there, and says what went wrong. */
export async function notifyOfRun(
  started: StartedRun,
  name: string,
  note: string | undefined,
  logger: Logger,
): Promise<void> {
  const { run, ended } = started;
  const { model } = run.task;
  // The editor puts a colon behind the title.
  const about = note === undefined ? '' : ` (${note.replace(/\.$/, '')})`;
  const title = oneLine(`iMCoT: ${model} on ${name}${about}`, 300);
  const options = { location: vscode.ProgressLocation.Notification, title, cancellable: true };
  await vscode.window.withProgress(options, async (progress, cancel) => {
    const report = coalesce(INTERVAL, (message: string) => progress.report({ message }));
    const listening = run.onDidChange((state) => report.push(oneLine(runWords(state))));
    const cancelling = cancel.onCancellationRequested(() => run.cancel('Stopped by the person.'));
    report.push(runWords(run.state));
    try {
      await ended;
    } finally {
      for (const disposable of [listening, cancelling, report]) disposable.dispose();
    }
  });
  const { outcome, reason } = await ended;
  if (outcome === 'error') reportError(new ImcotError('input', reason ?? 'The rollout failed.'), logger);
}
