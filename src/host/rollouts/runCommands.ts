import * as vscode from 'vscode';
import path from 'node:path';
import type { Disposable } from '../../common/disposable';
import { ImcotError } from '../../common/errors';
import type { Question } from '../../launch/question';
import { registerCommand } from '../commands';
import type { CommandId } from '../contributions';
import { COMMANDS } from '../contributions';
import type { DemoScene } from './demoScenes';
import { DemoScenes } from './demoScenes';
import type { Rollouts, StartedRun } from './rollouts';
import type { RunCommandServices, RunServicesOfWindow } from './runStart';
import { startRun } from './runStart';
import { localPath } from '../trajectories/openLogFile';
import { runAgain } from './runAgain';
import type { RunArguments } from './runArguments';
import { readRunArguments } from './runArguments';
import { RunHistory } from './runHistory';
import { askQuestion, namedModel, pickImage, pickModel } from './runPickers';
import { logFolder, pictureSource } from './runPlace';
import { runQuestions } from './runQuestions';
import { readRunSettings } from './runSettings';

/** Registers the commands that run rollouts. */
export function registerRunCommands(services: RunCommandServices): Disposable[] {
  const { context, rollouts, editors, logger } = services;
  const pictures = vscode.Uri.joinPath(context.extensionUri, 'media', 'demo', 'images').fsPath;
  const own = {
    ...services,
    history: new RunHistory(context.workspaceState),
    scenes: new DemoScenes(pictures),
  };
  // Of everything that runs something the first step: nothing is asked for in vain.
  const register = (id: CommandId, run: (argument: unknown) => Promise<unknown>): Disposable =>
    registerCommand(
      id,
      async (argument) => {
        rollouts.checkTrust();
        return run(argument);
      },
      logger,
    );
  return [
    register(COMMANDS.runRollout, (argument) => runOnImage(own, readRunArguments(argument))),
    register(COMMANDS.runAgain, (argument) => runAgain(own, argument)),
    register(COMMANDS.runQuestions, (argument) => runQuestions(own, argument)),
    register(COMMANDS.openDemo, () => openDemo(own)),
    registerCommand(
      COMMANDS.stopRollout,
      (argument) => {
        stop(rollouts, argument instanceof vscode.Uri ? argument : editors.active?.uri);
        return Promise.resolve();
      },
      logger,
    ),
  ];
}

/** From the image to a rollout that goes on; what is not given the person is asked for. */
async function runOnImage(services: RunServicesOfWindow, given: RunArguments): Promise<StartedRun> {
  const { catalogue, context, history, scenes } = services;
  const image = given.image ?? openImage();
  const chosen = image ? { uri: image, scene: await sceneOf(scenes, image) } : await pickImage(scenes);
  const { uri, scene } = chosen;
  const question = given.question ?? (await askQuestion(history, scene?.question));
  const entries = await catalogue.list();
  const model =
    given.model === undefined ? await pickModel(entries, history.model) : namedModel(entries, given.model);
  const settings = readRunSettings((name) => vscode.workspace.getConfiguration().get<unknown>(name));
  return startRun(services, {
    picture: await pictureSource(uri),
    question: questionOn(uri, question, scene),
    model,
    choices: { ...settings, ...given.choices },
    count: given.count ?? 1,
    target: { kind: 'new', folder: logFolder(context, uri) },
  });
}

/** What is known about a scene's own question holds for that question alone. */
function questionOn(uri: vscode.Uri, question: string, scene: DemoScene | undefined): Question {
  const image = localPath(uri) ?? uri.toString();
  if (scene?.question !== question) return { image, question };
  const { answer, boxes } = scene;
  return { image, question, ...(answer !== undefined && { groundTruth: answer }), ...(boxes && { boxes }) };
}

async function sceneOf(scenes: DemoScenes, uri: vscode.Uri): Promise<DemoScene | undefined> {
  const file = localPath(uri);
  if (file === undefined || !scenes.has(file)) return undefined;
  return (await scenes.list()).find(({ image }) => image === file);
}

/** The image of the active tab. */
function openImage(): vscode.Uri | undefined {
  const input: unknown = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
  const shows = input instanceof vscode.TabInputCustom && input.viewType.startsWith('imagePreview.');
  return shows ? input.uri : undefined;
}

/** The demo model on its first picture. */
async function openDemo(services: RunServicesOfWindow): Promise<StartedRun> {
  const entries = await services.catalogue.list();
  const demo = entries.find(({ kind }) => kind === 'demo');
  if (!demo) throw new ImcotError('missing', 'This build ships no demo model.');
  const [scene] = await services.scenes.list();
  if (!scene) throw new ImcotError('missing', 'This build ships no demo picture.');
  const image = vscode.Uri.file(scene.image);
  return runOnImage(services, {
    image,
    question: scene.question,
    model: demo.id,
    choices: {},
    settled: true,
  });
}

/** Stops the runs of a log; without one, the run that goes on, where there is one alone. */
function stop(rollouts: Rollouts, log: vscode.Uri | undefined): void {
  if (log && rollouts.files.includes(log.fsPath)) return rollouts.stop(log.fsPath, 'Stopped by the person.');
  const [only, ...more] = rollouts.files;
  if (only === undefined) throw new ImcotError('usage', 'No rollout is running.');
  if (more.length === 0) return rollouts.stop(only, 'Stopped by the person.');
  const names = rollouts.files.map((file) => path.basename(file)).join(', ');
  throw new ImcotError('usage', `Several rollouts are running: open the one to stop (${names}).`);
}
