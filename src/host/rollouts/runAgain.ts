import * as vscode from 'vscode';
import { boxToArray } from '../../common/boundingBox';
import { ImcotError } from '../../common/errors';
import type { Question } from '../../launch/question';
import type { RolloutChoices } from '../../launch/rolloutChoices';
import { optionsOf } from '../../trajectory/promptText';
import type { Trajectory } from '../../trajectory/trajectory';
import type { ModelEntry } from '../models/modelEntry';
import type { StartedRun } from './rollouts';
import type { PictureSource } from './rolloutPicture';
import { readRunArguments } from './runArguments';
import { chooseAgain } from './runAgainMenu';
import type { RunServicesOfWindow } from './runStart';
import { startRun } from './runStart';
import { namedModel, pickModel } from './runPickers';
import { placeOfLog } from './runPlace';
import type { TrajectoryEditor } from '../trajectories/trajectoryEditor';
import { labelFolder } from '../../inference/onnx/checkpoint/folderLabels';

/** A shown rollout as something to be run again. */
export interface Repeatable {
  readonly question: Question;
  /** As it was run; a person may change them. */
  readonly choices: RolloutChoices;
  /** Name of the model that it was run with. */
  readonly model?: string;
}

/**
 * Runs what the active editor shows once more, with other settings, behind what its log has. With an argument that gives
 * settings (see `readRunArguments`) nothing is asked.
 * @throws ImcotError `usage` when no such log is open
 */
export async function runAgain(services: RunServicesOfWindow, argument: unknown): Promise<StartedRun> {
  const { editors, catalogue, history, images } = services;
  const editor = editorFor(editors.editors, editors.active, argument);
  const { file, record } = await shownRecord(editor);
  const shown = repeatable(record.trajectory);
  const [reference] = record.trajectory.prompt.images;
  const image = reference && (await images.of(file).resolve(reference, record.images));
  if (image?.state !== 'available') {
    const why = image ? image.message : 'its log names no picture.';
    throw new ImcotError('missing', `This rollout can't be run again: ${why}`);
  }
  const { input } = image;
  const picture: PictureSource =
    input.kind === 'path'
      ? { kind: 'file', path: input.path }
      : { kind: 'bytes', bytes: input.bytes, name: 'picture' };
  const given = readRunArguments(argument);
  const entries = await catalogue.list();
  const before = entries.find((entry) => isCalled(entry, given.model ?? shown.model));
  const start = {
    question: given.question ?? shown.question.question,
    model: given.model === undefined ? before : namedModel(entries, given.model),
    choices: { ...shown.choices, ...given.choices },
    count: given.count ?? 1,
  };
  const chosen = given.settled
    ? start
    : await chooseAgain(start, () => pickModel(entries, before?.id ?? history.model));
  const path = input.kind === 'path' ? input.path : '';
  const known = chosen.question === shown.question.question ? shown.question : { question: chosen.question };
  return startRun(services, {
    picture,
    question: { ...known, question: chosen.question, image: path },
    model: chosen.model ?? (await pickModel(entries, history.model)),
    choices: chosen.choices,
    count: chosen.count,
    target: { kind: 'append', place: placeOfLog(file) },
  });
}

function editorFor(
  all: readonly TrajectoryEditor[],
  active: TrajectoryEditor | undefined,
  argument: unknown,
): TrajectoryEditor {
  const named = argument instanceof vscode.Uri ? argument : (argument as { log?: unknown } | undefined)?.log;
  const uri = named instanceof vscode.Uri ? named.toString() : undefined;
  const found = all.find((editor) => editor.uri.toString() === uri) ?? active;
  if (found && found.uri.scheme === 'file' && found.uri.path.endsWith('.imcot.jsonl')) return found;
  throw new ImcotError('usage', 'Open a log of rollouts (*.imcot.jsonl) and select the one to run again.');
}

async function shownRecord({ uri, session, source }: TrajectoryEditor) {
  const record = await (await source).record(session.lastShown ?? 0);
  if (record.status === 'ok') return { file: uri.fsPath, record };
  throw new ImcotError('input', `The selected record can't be run again: ${record.reason}`);
}

function isCalled(entry: ModelEntry, name: string | undefined): boolean {
  if (name === undefined) return false;
  // What a log says of a model of this machine is what its folder is called.
  const own = entry.kind === 'server' ? entry.model : labelFolder(entry.folder);
  return entry.label === name || entry.id === name || own === name;
}

/** What a recorded rollout asked, and how. */
export function repeatable({ prompt, extras, groundTruth, groundTruthBoxes, split }: Trajectory): Repeatable {
  const model = extras.get('model');
  const settings = new Map<string, unknown>(
    Object.entries((extras.get('settings') as object | undefined) ?? {}),
  );
  const number = (key: string): number | undefined => {
    const value = settings.get(key);
    return typeof value === 'number' ? value : undefined;
  };
  const numbers = {
    temperature: number('temperature'),
    seed: number('seed'),
    maxTurns: number('maxTurns'),
    maxTokens: number('maxTokensPerTurn'),
  };
  const protocol = settings.get('protocol');
  const plain = protocol === 'plain';
  const declare = settings.get('declare');
  const options = optionsOf(prompt.user)
    ?.split('\n')
    .map((line) => line.replace(/^[A-Z]\. /, ''));
  return {
    question: {
      image: '',
      question: prompt.question,
      ...(options && { options }),
      ...(groundTruth !== undefined && { groundTruth }),
      ...(split !== undefined && { split }),
      ...(groundTruthBoxes && { boxes: groundTruthBoxes.map(boxToArray) }),
    },
    choices: {
      ...Object.fromEntries(Object.entries(numbers).filter(([, value]) => value !== undefined)),
      tools: !plain,
      ...(typeof protocol === 'string' && !plain && { protocol }),
      ...(Array.isArray(declare) && { declare: declare.filter((name) => typeof name === 'string') }),
    },
    ...(typeof model === 'string' && { model }),
  };
}
