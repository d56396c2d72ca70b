import type * as vscode from 'vscode';
import { WORKSPACE_STATE } from '../contributions';

/** How many links are remembered; the oldest is forgotten. */
const REMEMBERED = 200;

/** Which log of rollouts a person has linked to which run, remembered for the workspace. */
export class RolloutLinks {
  constructor(private readonly memory: Pick<vscode.Memento, 'get' | 'update'>) {}

  /** The logs by the source path of their run, the latest first. */
  get all(): ReadonlyMap<string, string> {
    const value = this.memory.get<unknown>(WORKSPACE_STATE.rolloutLinks);
    const entries: readonly unknown[] = Array.isArray(value) ? (value as unknown[]) : [];
    return new Map(entries.filter(isPair));
  }

  /** Remembers a log; it replaces the one that the run had. */
  async remember(source: string, log: string): Promise<void> {
    const others = [...this.all].filter(([known]) => known !== source);
    await this.memory.update(WORKSPACE_STATE.rolloutLinks, [[source, log], ...others].slice(0, REMEMBERED));
  }

  /** Source paths of the runs that one of these paths was linked to, the latest first. */
  sourcesOf(logs: readonly string[]): readonly string[] {
    return [...this.all].filter(([, log]) => logs.includes(log)).map(([source]) => source);
  }
}

function isPair(value: unknown): value is [string, string] {
  return Array.isArray(value) && value.length === 2 && value.every((entry) => typeof entry === 'string');
}
