import path from 'node:path';
import type * as vscode from 'vscode';
import { ImcotError } from '../../common/errors';
import type { ComparedName, Side } from '../../protocol/compareView';
import { filesOfQuery } from '../trajectories/filesOfLog';
import { localPath } from '../trajectories/openLogFile';

/** Addresses of the two logs. */
export type ComparedUris = Readonly<Record<Side, vscode.Uri>>;

/**
 * The local files of a log.
 * @throws ImcotError `input` where it lies on another file system
 */
export function filesOf(uri: vscode.Uri): readonly string[] {
  const file = localPath(uri);
  if (file !== undefined) return filesOfQuery(file, uri.query);
  throw new ImcotError(
    'input',
    `Logs are compared that lie on this machine, and ${uri.toString()} does not. Open it where it is, for example over Remote - SSH.`,
  );
}

/** The names of two logs: base names, and above them the folders in which their paths differ where those are equal. */
export function namesOf({ a, b }: ComparedUris): Readonly<Record<Side, ComparedName>> {
  const [ofA, ofB] = [a, b].map((uri) => uri.path.split('/').filter((part) => part !== '')) as [
    string[],
    string[],
  ];
  const names = { a: ofA.pop() ?? '', b: ofB.pop() ?? '' };
  const isEqual = names.a === names.b;
  while (isEqual && ofA.length > 1 && ofA.at(-1) === ofB.at(-1)) {
    ofA.pop();
    ofB.pop();
  }
  const folder = (parts: readonly string[]): string => (isEqual ? (parts.at(-1) ?? '') : '');
  return { a: { name: names.a, folder: folder(ofA) }, b: { name: names.b, folder: folder(ofB) } };
}

/** For the tab: 'a.jsonl ↔ b.jsonl', or the folders where the names are the same. */
export function titleOf(uris: ComparedUris): string {
  const { a, b } = namesOf(uris);
  if (a.name !== b.name) return `${a.name} ↔ ${b.name}`;
  return `${path.posix.join(a.folder, a.name)} ↔ ${path.posix.join(b.folder, b.name)}`;
}
