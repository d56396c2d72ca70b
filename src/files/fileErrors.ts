import type { ErrorCode } from '../common/errors';
import { errorMessage, ImcotError } from '../common/errors';

const SENTENCES: Readonly<Record<string, readonly [ErrorCode, (path: string) => string]>> = {
  ENOENT: ['missing', (path) => `There is no file ${path}.`],
  ENOTDIR: ['missing', (path) => `There is no file ${path}: a part of its path is not a folder.`],
  EISDIR: ['input', (path) => `${path} is a folder, not a file.`],
  EACCES: ['denied', (path) => `The system does not allow reading ${path}.`],
  EPERM: ['denied', (path) => `The system does not allow reading ${path}.`],
  EMFILE: ['limit', (path) => `${path} could not be opened: too many files are open in this program.`],
  ENFILE: ['limit', (path) => `${path} could not be opened: too many files are open on this computer.`],
  ELOOP: ['input', (path) => `${path} could not be opened: its symbolic links run in a circle.`],
  ENAMETOOLONG: ['input', (path) => `The path ${path.slice(0, 120)}... is too long.`],
  EIO: [
    'input',
    (path) => `${path} could not be read: the disk or the network reported an input/output error.`,
  ],
  ESTALE: ['missing', (path) => `${path} is gone from the server that held it.`],
};

/** Turns what the file system threw into an error whose message is a sentence that names the file. */
export function fileError(thrown: unknown, path: string): ImcotError {
  if (thrown instanceof ImcotError) return thrown;
  const code = thrown instanceof Error ? (thrown as NodeJS.ErrnoException).code : undefined;
  const known = code === undefined ? undefined : SENTENCES[code];
  if (known) return new ImcotError(known[0], known[1](path), { cause: thrown });
  return new ImcotError('input', `${path} could not be read: ${errorMessage(thrown)}`, { cause: thrown });
}
