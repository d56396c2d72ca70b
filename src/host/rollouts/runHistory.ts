import { WORKSPACE_STATE } from '../contributions';

/** What remembers values for a workspace; VS Code's `Memento` is one. */
export interface Memory {
  get<T>(key: string): T | undefined;
  update(key: string, value: unknown): PromiseLike<void>;
}

const REMEMBERED_QUESTIONS = 50;

/** What a person asked last, and of which model. */
export class RunHistory {
  constructor(private readonly memory: Memory) {}

  /** Questions, the latest first. */
  get questions(): readonly string[] {
    const value = this.memory.get<unknown>(WORKSPACE_STATE.askedQuestions);
    return Array.isArray(value) ? value.filter((entry): entry is string => typeof entry === 'string') : [];
  }

  /** Id of the model that was used last. */
  get model(): string | undefined {
    const value = this.memory.get<unknown>(WORKSPACE_STATE.lastModel);
    return typeof value === 'string' ? value : undefined;
  }

  async add(question: string, model: string): Promise<void> {
    const questions = [question, ...this.questions.filter((entry) => entry !== question)];
    await this.memory.update(WORKSPACE_STATE.askedQuestions, questions.slice(0, REMEMBERED_QUESTIONS));
    await this.memory.update(WORKSPACE_STATE.lastModel, model);
  }
}

/** The entries with the one that was used last in front. */
export function lastUsedFirst<T extends { readonly id: string }>(
  entries: readonly T[],
  last: string | undefined,
): readonly T[] {
  return [...entries.filter(({ id }) => id === last), ...entries.filter(({ id }) => id !== last)];
}
