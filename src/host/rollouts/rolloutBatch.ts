import { errorMessage, ImcotError } from '../../common/errors';
import type { Event } from '../../common/event';
import { Emitter } from '../../common/event';
import type { BatchProgress, BatchResult } from '../../launch/batch';
import { readCheckpointConfig } from '../../launch/checkpointConfig';
import { playBatch } from '../../launch/playBatch';
import type { Question } from '../../launch/question';
import type { RolloutChoices } from '../../launch/rolloutChoices';
import type { ModelEntry } from '../models/modelEntry';
import { giveBack, openModel } from './rolloutModel';
import { StoppableBackend } from './rolloutStop';
import type { TakenLog } from './rolloutLogs';
import { inFigures, runWords } from './rolloutRunState';
import type { Rollouts, RolloutTarget } from './rollouts';
import { laneOf } from './rollouts';

/** Many questions to one model. */
export interface BatchRequest {
  readonly questions: readonly Question[];
  /** A word for people: the name of the questions' file. */
  readonly name: string;
  readonly model: ModelEntry;
  readonly choices: RolloutChoices;
  /** Rollouts of each question, from 1. */
  readonly perQuestion: number;
  /** A log that it was recorded in before, or a new one. */
  readonly target: RolloutTarget;
}

/** How far a batch is. */
export type BatchState =
  | { readonly status: 'queued'; readonly ahead: number }
  | { readonly status: 'loading'; readonly message: string; readonly fraction?: number }
  | { readonly status: 'playing'; readonly progress: BatchProgress };

/** A server takes many requests at a time; on this machine rollouts would only slow each other. */
const SERVER_ROLLOUTS = 8;

/** A batch that goes on. It outlives the editor of its log. */
export class RolloutBatch {
  private readonly stopping = new AbortController();
  private readonly changed = new Emitter<BatchState>();
  /** Resolves when the model is free for the next one. */
  private free = Promise.resolve();
  private now: BatchState = { status: 'queued', ahead: 0 };

  readonly onDidChange: Event<BatchState> = this.changed.event;

  private constructor(
    readonly request: BatchRequest,
    private readonly taken: TakenLog,
    private readonly rollouts: Rollouts,
  ) {}

  /**
   * Makes or reopens its log and shows it.
   * @throws ImcotError `denied` in a restricted workspace or when the log can't be written, `usage` when a run writes to it,
   *   `missing` or `input` when the log to go on with can't be read
   */
  static async begin(request: BatchRequest, rollouts: Rollouts): Promise<RolloutBatch> {
    rollouts.checkTrust();
    const { logs, show } = rollouts.services;
    const { target } = request;
    if (target.kind === 'append' && logs.has(target.place.file)) {
      throw new ImcotError(
        'usage',
        `${target.place.file} is being written to: wait for that to end, or stop it.`,
      );
    }
    const taken =
      target.kind === 'new'
        ? await logs.create(target.folder, request.name)
        : await logs.resume(target.place);
    const batch = new RolloutBatch(request, taken, rollouts);
    await show(batch.file).catch((thrown: unknown) => {
      rollouts.services.logger.warn(`${batch.file} could not be shown: ${errorMessage(thrown)}`);
    });
    return batch;
  }

  /** The log, absolute. */
  get file(): string {
    return this.taken.log.place.file;
  }

  get state(): BatchState {
    return this.now;
  }

  cancel(): void {
    this.stopping.abort();
  }

  /**
   * Plays what the log does not have yet.
   * @throws ImcotError `cancelled` before its turn came, and what the loading of the model or the reading of the log says
   */
  async play(): Promise<BatchResult> {
    const { signal } = this.stopping;
    const enlisted = this.rollouts.enlist(this.file, this);
    try {
      const { model } = this.request;
      const moved = (ahead: number): void => this.set({ status: 'queued', ahead });
      const leave = await this.rollouts.queue.enter(laneOf(model), moved, signal);
      try {
        return await this.playNow(signal);
      } finally {
        void this.free.then(leave);
      }
    } finally {
      enlisted.dispose();
      this.changed.dispose();
      await this.taken.release();
    }
  }

  private async playNow(signal: AbortSignal): Promise<BatchResult> {
    const { model, questions, perQuestion, choices } = this.request;
    const { catalogue } = this.rollouts.services;
    this.set({ status: 'loading', message: 'starting' });
    const config = model.kind === 'server' ? {} : await readCheckpointConfig(model.folder);
    const opened = await openModel(catalogue, model, signal, (message, fraction) =>
      this.set({ status: 'loading', message, ...(fraction !== undefined && { fraction }) }),
    );
    const backend = new StoppableBackend(opened.backend, signal);
    try {
      const concurrency = model.kind === 'server' ? SERVER_ROLLOUTS : 1;
      return await playBatch(
        { questions, perQuestion, concurrency, config, choices },
        { backend, cutter: this.rollouts.cutter, log: this.taken.log, signal },
        { onProgress: (progress) => this.set({ status: 'playing', progress }) },
      );
    } finally {
      this.free = giveBack(catalogue, opened, backend).catch(() => undefined);
    }
  }

  private set(state: BatchState): void {
    this.now = state;
    this.changed.fire(state);
  }
}

/** The words of a progress notification. */
export function batchWords(state: BatchState): string {
  if (state.status !== 'playing') return runWords(state);
  const { done, total, judged, correct, failed, tokensPerSecond } = state.progress;
  const right = judged > 0 ? [`${correct} of ${judged} right`] : [];
  const broken = failed > 0 ? [`${failed} failed`] : [];
  const rate = tokensPerSecond === undefined ? [] : [`${inFigures(tokensPerSecond)} tok/s`];
  return [`${done} of ${total}`, ...right, ...broken, ...rate].join(', ');
}
