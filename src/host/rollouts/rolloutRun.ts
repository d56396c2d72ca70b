import { throwIfCancelled } from '../../common/cancel';
import { errorMessage } from '../../common/errors';
import type { Event } from '../../common/event';
import { Emitter } from '../../common/event';
import type { Question } from '../../launch/question';
import { playRollout } from '../../launch/playRollout';
import type { PlayEvent } from '../../launch/playRollout';
import type { RolloutChoices } from '../../launch/rolloutChoices';
import { settleChoices } from '../../launch/rolloutChoices';
import type { RolloutLog } from '../../launch/rolloutLog';
import type { Backend } from '../../inference/backend';
import type { Picture, PictureCutter } from '../../rollout/picture';
import type { RolloutConfig } from '../../rollout/rolloutConfig';
import type { TrajectoryStart } from '../../rollout/recorder';
import type { OpenedModel } from '../models/modelEntry';
import { TokenRate } from '../../common/tokenRate';
import type { BegunRollout, RolloutAhead } from './rolloutAhead';
import { beginAhead, startAhead } from './rolloutAhead';
import { StoppableBackend } from './rolloutStop';
import type { RolloutRunEnd, RolloutRunState } from './rolloutRunState';

/** What is asked of whom, how, and how often. */
export interface RunTask {
  readonly question: Question;
  readonly picture: Picture;
  /** The model's name as people know it. */
  readonly model: string;
  /** What travels with its checkpoint. */
  readonly config: RolloutConfig;
  /** Without a temperature: 0 for one rollout, 1 for several. */
  readonly choices: RolloutChoices;
  /** Rollouts, from 1; several are a group. */
  readonly count: number;
  /** Names the group. */
  readonly group: string;
  /** What the log says about the run besides, for a person. */
  readonly note?: string;
}

/** What a run needs of the window. */
export interface RunServices {
  readonly cutter: PictureCutter;
  /** Waits for its turn; see `RolloutQueue.enter`. */
  enter(moved: (ahead: number) => void, signal: AbortSignal): Promise<() => void>;
  /** Makes the model ready, and tells how far that is. */
  open(signal: AbortSignal, tell: (message: string, fraction?: number) => void): Promise<OpenedModel>;
  /** Takes the model back, once nothing of it is in use. */
  giveBack(opened: OpenedModel, backend: StoppableBackend): Promise<void>;
}

type Planned = { readonly rollout: RolloutAhead; readonly start: TrajectoryStart };

/**
 * One rollout, or several of one question one after the other. Its log begins before the model is there, so that whoever
 * opens the log sees what is asked; whatever happens then is in the log as it happens.
 */
export class RolloutRun {
  private readonly stopping = new AbortController();
  private readonly changed = new Emitter<RolloutRunState>();
  private readonly rate = new TokenRate();
  private readonly first: Planned;
  private now: RolloutRunState = { status: 'queued', ahead: 0 };
  private numbers: number[] = [];
  private why: string | undefined;
  private begun: BegunRollout | undefined;

  readonly onDidChange: Event<RolloutRunState> = this.changed.event;

  /** @throws ImcotError `usage` when a setting is not what it may be */
  constructor(
    readonly task: RunTask,
    readonly log: RolloutLog,
    private readonly services: RunServices,
  ) {
    this.first = this.plan(0);
  }

  get state(): RolloutRunState {
    return this.now;
  }

  /** The trajectories that it wrote so far, by their numbers in the log. */
  get trajectories(): readonly number[] {
    return this.numbers;
  }

  /** Stops it. What was generated stays, marked as cancelled. */
  cancel(why?: string): void {
    if (this.now.status === 'ended') return;
    this.why ??= why;
    this.stopping.abort();
  }

  /**
   * Writes the beginning of the first rollout: from then on the log can be shown.
   * @throws ImcotError `denied` when the log can't be written
   */
  async begin(): Promise<void> {
    await this.beginOne(this.first);
  }

  /**
   * Plays the rollout that has begun, and those that follow.
   * @returns how it ended; a fault of the model or of the playing is an end like others
   */
  async play(): Promise<RolloutRunEnd> {
    const end = await this.whenReady((backend) => this.playAll(backend)).catch((thrown: unknown) =>
      this.fail(thrown),
    );
    this.set(end);
    this.changed.dispose();
    return end;
  }

  private async playAll(backend: Backend): Promise<RolloutRunEnd> {
    for (let rollout = 0; ; rollout++) {
      const planned = rollout === 0 ? this.first : this.plan(rollout);
      const begun = rollout === 0 && this.begun ? this.begun : await this.beginOne(planned);
      const end = await this.playOne(planned.rollout, rollout, begun, backend);
      const goesOn = !['cancelled', 'error'].includes(end.outcome);
      if (!goesOn || rollout + 1 >= this.task.count) return end;
    }
  }

  private async whenReady(play: (backend: Backend) => Promise<RolloutRunEnd>): Promise<RolloutRunEnd> {
    const { signal } = this.stopping;
    const leave = await this.services.enter((ahead) => this.set({ status: 'queued', ahead }), signal);
    // The next one begins when this one's model is free, which may be later than its own end.
    let free = Promise.resolve();
    try {
      this.set({ status: 'loading', message: 'starting' });
      const opened = await this.services.open(signal, (message, fraction) =>
        this.set({ status: 'loading', message, ...(fraction !== undefined && { fraction }) }),
      );
      const backend = new StoppableBackend(opened.backend, signal);
      try {
        throwIfCancelled(signal);
        return await play(backend);
      } finally {
        free = this.services.giveBack(opened, backend).catch(() => undefined);
      }
    } finally {
      void free.then(leave);
    }
  }

  private async playOne(
    { question, picture, choices, id, group }: RolloutAhead,
    rollout: number,
    { beginner }: BegunRollout,
    backend: Backend,
  ): Promise<RolloutRunEnd> {
    const { signal } = this.stopping;
    const progress = { rollout, of: this.task.count, turn: 0, tokens: 0 };
    let end: RolloutRunEnd = { status: 'ended', outcome: 'error', reason: 'The rollout has no end.' };
    this.rate.reset();
    const played = playRollout(
      { question, picture, choices, ...(id !== undefined && { id }), ...(group && { group }) },
      { backend, cutter: this.services.cutter, recorder: beginner, signal },
    );
    for await (const event of played) {
      if (event.type === 'end') end = endOf(event);
      else if (count(event, progress, this.rate)) {
        const { perSecond } = this.rate;
        const rate = perSecond === undefined ? {} : { tokensPerSecond: perSecond };
        this.set({ status: 'generating', ...progress, ...rate });
      }
    }
    return end;
  }

  /** What went wrong around a rollout is the end of the one whose log has begun. */
  private async fail(thrown: unknown): Promise<RolloutRunEnd> {
    const stopped = this.stopping.signal.aborted;
    const reason = stopped ? this.why : errorMessage(thrown);
    const why = reason === undefined ? {} : { reason };
    const event = stopped
      ? { event: 'cancelled' as const, ...why }
      : { event: 'error' as const, message: errorMessage(thrown) };
    // A log that can't be written is what was thrown, then.
    await this.begun?.trajectory.record(event).catch(() => undefined);
    return { status: 'ended', outcome: stopped ? 'cancelled' : 'error', ...why };
  }

  private async beginOne({ start }: Planned): Promise<BegunRollout> {
    const begun = await beginAhead(start, this.log.recorder);
    this.begun = begun;
    this.numbers = [...this.numbers, begun.trajectory.trajectory];
    return begun;
  }

  private plan(sample: number): Planned {
    const { question, picture, model, config, choices, count: of, note } = this.task;
    const settled = settleChoices(config, choices, sample, of);
    const group = of > 1 && {
      id: `${this.task.group}.${sample}`,
      group: { key: this.task.group, provenance: 'uid' as const },
    };
    const rollout: RolloutAhead = {
      question,
      picture,
      choices: settled,
      model,
      ...(question.id !== undefined && { id: question.id }),
      ...group,
      ...(note !== undefined && { note }),
    };
    return { rollout, start: startAhead(rollout) };
  }

  private set(state: RolloutRunState): void {
    this.now = state;
    this.changed.fire(state);
  }
}

/** Counts an event; false where it changes nothing that is shown. */
function count(event: PlayEvent, progress: { turn: number; tokens: number }, rate: TokenRate): boolean {
  if (event.type === 'text') {
    progress.turn = event.turn;
    progress.tokens++;
    rate.add(performance.now());
    return true;
  }
  // What comes between two turns is no slow token.
  if (event.type === 'observation') rate.reset();
  return event.type === 'prompt' || event.type === 'start';
}

function endOf({ status, reason }: Extract<PlayEvent, { type: 'end' }>): RolloutRunEnd {
  return { status: 'ended', outcome: status, ...(reason !== undefined && { reason }) };
}
