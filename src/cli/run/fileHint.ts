import path from 'node:path';

/** A path from the present folder where it lies below it, else the whole. */
export function nearPath(file: string): string {
  const relative = path.relative(process.cwd(), file);
  return relative.startsWith('..') || path.isAbsolute(relative) ? file : relative;
}

/** A path as a word of a command line. */
export function shellWord(text: string): string {
  if (/^[\w./:\\@%+,-]+$/.test(text) && !text.startsWith('-')) return text;
  return process.platform === 'win32' ? `"${text}"` : `'${text.replaceAll("'", "'\\''")}'`;
}
