import type { RolloutChoices } from '../../launch/rolloutChoices';
import { WORKSPACE_STATE } from '../contributions';
import type { Memory } from './runHistory';

/** A batch that was begun and has not come to its end. */
export interface UnfinishedBatch {
  /** The log, absolute. */
  readonly log: string;
  /** File or folder of the questions, absolute. */
  readonly questions: string;
  /** Id of the model. */
  readonly model: string;
  readonly perQuestion: number;
  readonly choices: RolloutChoices;
}

const REMEMBERED_BATCHES = 20;

/** Remembers batches until they are done, whatever ends the window. */
export class UnfinishedBatches {
  constructor(private readonly memory: Memory) {}

  /** The latest first. */
  get all(): readonly UnfinishedBatch[] {
    const value = this.memory.get<unknown>(WORKSPACE_STATE.unfinishedBatches);
    return Array.isArray(value) ? value.filter(isBatch) : [];
  }

  async add(batch: UnfinishedBatch): Promise<void> {
    const others = this.all.filter(({ log }) => log !== batch.log);
    await this.memory.update(
      WORKSPACE_STATE.unfinishedBatches,
      [batch, ...others].slice(0, REMEMBERED_BATCHES),
    );
  }

  async remove(log: string): Promise<void> {
    const others = this.all.filter((batch) => batch.log !== log);
    await this.memory.update(WORKSPACE_STATE.unfinishedBatches, others);
  }
}

function isBatch(value: unknown): value is UnfinishedBatch {
  if (typeof value !== 'object' || value === null) return false;
  const { log, questions, model, perQuestion, choices } = value as Partial<UnfinishedBatch>;
  const texts = [log, questions, model].every((entry) => typeof entry === 'string');
  return texts && typeof perQuestion === 'number' && typeof choices === 'object' && choices !== null;
}
