import path from 'node:path';
import type { Disposable } from '../../common/disposable';
import { ImcotError } from '../../common/errors';
import type { Logger } from '../../common/logger';
import type { OpenFile } from '../../files/fileSource';
import { POLL_MS } from '../../files/followFile';
import { RawLog } from '../../files/rawLog';
import type { BinaryKind } from './fileKind';
import { binaryKind, KIND_BYTES } from './fileKind';
import type { LineKinds } from './rowMarks';
import { lineKinds } from './rowMarks';

/** A file that was opened: text with what its lines are, or no text. */
export type OpenedLog = Disposable &
  ({ readonly log: RawLog; readonly kinds: Promise<LineKinds> } | { readonly binary: BinaryKind });

/** How a log is opened. */
export interface OpenLogOptions {
  /** Opens the file by its path, or rejects with a sentence. */
  readonly open: (file: string) => Promise<OpenFile>;
  /** The built `logWorker.js`. */
  readonly workerPath: string;
  readonly logger: Logger;
  readonly pollMs?: number;
}

/**
 * Opens a file to be looked at; nothing but its beginning is read before it is there.
 * @param file its path; `undefined` for a resource of another file system
 * @throws ImcotError when it is not on this machine, or as `options.open`
 */
export async function openLog(file: string | undefined, options: OpenLogOptions): Promise<OpenedLog> {
  if (file === undefined) {
    throw new ImcotError(
      'input',
      'This file is on another file system, of which no parts can be read. Open it where it is, for example over Remote - SSH.',
    );
  }
  const { open, workerPath, logger, pollMs = POLL_MS } = options;
  const opened = await open(file);
  let binary: BinaryKind | undefined;
  try {
    binary = binaryKind(await opened.read(0, KIND_BYTES), path.basename(file));
  } finally {
    await opened.close();
  }
  if (binary) return { binary, dispose: () => undefined };
  const log = await RawLog.open(file, { open, workerPath, pollMs });
  return { log, kinds: lineKinds(file, open, logger), dispose: () => log.dispose() };
}
