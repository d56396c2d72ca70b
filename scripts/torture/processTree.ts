import { execFileSync } from 'node:child_process';

/** A process of this machine. */
export interface ProcessEntry {
  readonly pid: number;
  readonly parent: number;
  /** Its command line. */
  readonly words: string;
}

/** A process and all that it, or one of those, has started; where `ps` lists them. */
export function processTree(root: number): readonly ProcessEntry[] {
  const all = execFileSync('ps', ['-eo', 'pid=,ppid=,args='], { encoding: 'utf8' })
    .split('\n')
    .map((line) => /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line))
    .map((match) => ({ pid: Number(match?.[1]), parent: Number(match?.[2]), words: match?.[3] ?? '' }));
  const found = all.filter(({ pid }) => pid === root);
  // The list grows while it is walked.
  for (const { pid } of found) found.push(...all.filter(({ parent }) => parent === pid));
  return found;
}
