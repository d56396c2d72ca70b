import path from 'node:path';

/*
 * A log of several files, such as one for each rank, is known to the editor by the first of them, with the names of all
 * in the query of its address. Only names: whatever an address says, the files stand in one folder.
 */

const PREFIX = 'files=';

/**
 * The query of the address of a log of several files.
 * @returns undefined where they don't stand in one folder
 */
export function queryOfFiles(files: readonly string[]): string | undefined {
  const [first = ''] = files;
  if (files.some((file) => path.dirname(file) !== path.dirname(first))) return undefined;
  return PREFIX + JSON.stringify(files.map((file) => path.basename(file)));
}

/** The files of a log by the path and the query of its address; the path alone where the query says nothing of files. */
export function filesOfQuery(file: string, query: string): readonly string[] {
  if (!query.startsWith(PREFIX)) return [file];
  let names: unknown;
  try {
    names = JSON.parse(query.slice(PREFIX.length));
  } catch {
    return [file];
  }
  const isName = (name: unknown): name is string =>
    typeof name === 'string' && name !== '' && name !== '..' && name !== '.' && path.basename(name) === name;
  if (!Array.isArray(names) || !names.every(isName) || names[0] !== path.basename(file)) return [file];
  return names.map((name) => path.join(path.dirname(file), name));
}
