import { stat } from 'node:fs/promises';

interface Kept<T> {
  readonly stamp: string;
  readonly result: T;
}

/**
 * Remembers what files are. Looking into each again costs much more than asking the system whether it is still the same.
 * @param look tells what a file is
 */
export class KeptSniffs<T> {
  private kept = new Map<string, Kept<T>>();
  private used = new Map<string, Kept<T>>();

  constructor(private readonly look: (file: string) => Promise<T>) {}

  /** What a file is. Rejects as `look` does. */
  readonly sniff = async (file: string): Promise<T> => {
    const stamp = await stampOf(file);
    const known = this.kept.get(file);
    const entry =
      stamp !== undefined && known?.stamp === stamp
        ? known
        : { stamp: stamp ?? '', result: await this.look(file) };
    if (stamp !== undefined) this.used.set(file, entry);
    return entry.result;
  };

  /** Ends a search: files that it did not meet are forgotten. */
  turn(): void {
    this.kept = this.used;
    this.used = new Map();
  }
}

/** Changes whenever the file does; undefined where it can't be reached. */
async function stampOf(file: string): Promise<string | undefined> {
  const stats = await stat(file).catch(() => undefined);
  return stats && `${stats.ino} ${stats.size} ${stats.mtimeMs}`;
}
