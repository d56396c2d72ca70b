import { createReadStream } from 'node:fs';

/** Largest file that is opened in a text editor, in bytes: VS Code itself keeps larger ones from extensions. */
export const MAX_TEXT_BYTES = 50 * 1024 * 1024;

/**
 * The line on which a byte stands, counted from 0: the number of line ends before it. Reads the file up to there.
 * @throws Error of node:fs when the file can't be read
 */
export async function lineOfByte(file: string, offset: number): Promise<number> {
  if (offset <= 0) return 0;
  let lines = 0;
  for await (const chunk of createReadStream(file, { end: offset - 1, highWaterMark: 1 << 20 })) {
    const bytes = chunk as Buffer;
    for (let at = bytes.indexOf(10); at !== -1; at = bytes.indexOf(10, at + 1)) lines += 1;
  }
  return lines;
}

/**
 * One word for a command line, quoted where the shell needs it.
 * @param windows quote for cmd and PowerShell (double quotes; a Windows path holds none) instead of POSIX shells
 */
export function shellWord(word: string, windows: boolean): string {
  if (/^[\w@%+=:,./-]+$/.test(word) && !word.startsWith('-')) return word;
  return windows ? `"${word}"` : `'${word.replaceAll("'", "'\\''")}'`;
}

/** Whether a text editor shows anything of a log: not of a Parquet file, whatever its size. */
export function isTextLog(file: string): boolean {
  return !/\.parquet$/i.test(file);
}

/** The command that prints a record in a terminal. */
export function showCommand(file: string, index: number, windows: boolean): string {
  return `imcot show ${shellWord(file, windows)} --index ${index}`;
}
