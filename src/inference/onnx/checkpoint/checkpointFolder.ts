import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { ImcotError } from '../../../common/errors';
import { readError, statOrNothing } from './folderFiles';
import { otherWeights } from './weightFiles';
import { labelFolder } from './folderLabels';

/** Where a checkpoint's files are, and what it is called. */
export interface CheckpointFolder {
  /** Absolute; holds config.json. */
  readonly folder: string;
  /** The folder's last part, or `owner/model` of a Hugging Face cache. */
  readonly name: string;
  /** The commit whose files were taken, where the folder lies in a Hugging Face cache. */
  readonly revision?: string;
}

const MAX_REVISION_BYTES = 256;

/**
 * The folder with the checkpoint's files. Of a Hugging Face cache's model folder (`models--owner--name`, with `snapshots`)
 * the snapshot is taken that `refs/main` names, else the only one. Layout: the cache description of huggingface_hub.
 * Errors: `missing`, `usage` when it is no folder, or a cache with several snapshots and no usable refs/main.
 */
export async function findCheckpointFolder(given: string): Promise<CheckpointFolder> {
  const folder = path.resolve(given);
  const found = await statOrNothing(folder);
  if (!found) throw new ImcotError('missing', `There is no folder ${folder}.`);
  if (!found.isDirectory()) {
    throw new ImcotError(
      'usage',
      `${folder} is a file: choose the folder that holds the model's config.json.`,
    );
  }
  if (await statOrNothing(path.join(folder, 'config.json'))) return describe(folder);
  const snapshots = path.join(folder, 'snapshots');
  if ((await statOrNothing(snapshots))?.isDirectory())
    return describe(await chooseSnapshot(folder, snapshots));
  const other = await otherWeights(folder);
  const instead = other === undefined ? '' : ` It holds ${other}.`;
  throw new ImcotError('missing', `${folder} is no checkpoint folder: it has no config.json.${instead}`);
}

function describe(folder: string): CheckpointFolder {
  const snapshots = path.dirname(folder);
  const owner = path.basename(path.dirname(snapshots));
  if (path.basename(snapshots) === 'snapshots' && owner.startsWith('models--')) {
    const name = owner.slice('models--'.length).replaceAll('--', '/');
    return { folder, name, revision: path.basename(folder) };
  }
  return { folder, name: labelFolder(folder) };
}

async function chooseSnapshot(folder: string, snapshots: string): Promise<string> {
  const entries = await readdir(snapshots, { withFileTypes: true }).catch((thrown: unknown) => {
    throw readError(thrown, snapshots);
  });
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  const main = await mainRevision(path.join(folder, 'refs', 'main'));
  const chosen =
    main !== undefined && names.includes(main) ? main : names.length === 1 ? names[0] : undefined;
  if (chosen !== undefined) return path.join(snapshots, chosen);
  if (names.length === 0) throw new ImcotError('missing', `${snapshots} is empty: download the model again.`);
  throw new ImcotError(
    'usage',
    `${snapshots} holds ${names.length} snapshots and refs/main names none of them: choose one of the folders in it.`,
  );
}

/** Compared with names of folders that are there, so it needs no check of its own. */
async function mainRevision(file: string): Promise<string | undefined> {
  const found = await statOrNothing(file);
  if (!found?.isFile() || found.size > MAX_REVISION_BYTES) return undefined;
  const text = await readFile(file, 'utf8').catch((thrown: unknown) => {
    throw readError(thrown, file);
  });
  return text.trim();
}
