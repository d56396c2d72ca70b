import { createHash } from 'node:crypto';
import type * as vscode from 'vscode';
import { WORKSPACE_STATE } from '../contributions';

/** How many are remembered; a panel that was opened before the last so many can't be brought back. */
const REMEMBERED = 100;

/** What panels show, by ids that are all that their pages know. Remembered for the workspace under a key. */
export class OpenedPanels {
  constructor(
    private readonly memory: Pick<vscode.Memento, 'get' | 'update'>,
    private readonly key: string = WORKSPACE_STATE.openedDynamics,
  ) {}

  /** The id of these paths, the same for the same paths in any order. */
  idOf(paths: readonly string[]): string {
    const text = [...new Set(paths)].sort().join('\0');
    return createHash('sha256').update(text).digest('hex').slice(0, 32);
  }

  /** Remembers the paths and gives their id. */
  async remember(paths: readonly string[]): Promise<string> {
    const id = this.idOf(paths);
    const others = this.entries.filter(([known]) => known !== id);
    await this.memory.update(this.key, [[id, [...paths]], ...others].slice(0, REMEMBERED));
    return id;
  }

  /** The paths behind the state that a page left; undefined where it names nothing that is remembered. */
  pathsOf(state: unknown): readonly string[] | undefined {
    const id: unknown =
      typeof state === 'object' && state !== null ? (state as { opened?: unknown }).opened : undefined;
    return this.entries.find(([known]) => known === id)?.[1];
  }

  private get entries(): readonly (readonly [string, readonly string[]])[] {
    const value = this.memory.get<unknown>(this.key);
    return Array.isArray(value) ? (value as unknown[]).filter(isEntry) : [];
  }
}

function isEntry(value: unknown): value is [string, string[]] {
  if (!Array.isArray(value) || value.length !== 2 || typeof value[0] !== 'string') return false;
  const paths: unknown = value[1];
  return Array.isArray(paths) && paths.length > 0 && paths.every((entry) => typeof entry === 'string');
}
