import { existsSync } from 'node:fs';
import path from 'node:path';
import { ImcotError } from '../../common/errors';

const WORKER = 'inferenceWorker.js';

/** The folder above this file that holds package.json: the bundle and the sources lie at different depths. */
function packageFolder(): string {
  for (let folder = __dirname; ; folder = path.dirname(folder)) {
    if (existsSync(path.join(folder, 'package.json')) || folder === path.dirname(folder)) return folder;
  }
}

/** The program that runs a model: beside the bundle, or in `dist/` where the sources run. */
export function inferenceWorkerPath(): string {
  const beside = path.join(__dirname, WORKER);
  return existsSync(beside) ? beside : path.join(packageFolder(), 'dist', WORKER);
}

/**
 * The checkpoint folder of the model that ships.
 * @throws ImcotError `missing` where it does not
 */
export function demoModelFolder(): string {
  const folder = path.join(packageFolder(), 'media', 'demo', 'model');
  if (existsSync(path.join(folder, 'config.json'))) return folder;
  throw new ImcotError(
    'missing',
    `The demo model is not installed: ${folder} is not there. Name a checkpoint folder with --model DIR.`,
  );
}
