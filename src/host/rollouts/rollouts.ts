import { rm } from 'node:fs/promises';
import type { Disposable } from '../../common/disposable';
import { DisposableOwner, toDisposable } from '../../common/disposable';
import { errorMessage, ImcotError } from '../../common/errors';
import type { Event } from '../../common/event';
import { Emitter } from '../../common/event';
import type { Logger } from '../../common/logger';
import { readCheckpointConfig } from '../../launch/checkpointConfig';
import type { LogPlace } from '../../launch/loadPicture';
import { RolloutPictureCutter } from '../../launch/pictureCutter';
import type { Question } from '../../launch/question';
import { questionKey } from '../../launch/questionsId';
import type { RolloutChoices } from '../../launch/rolloutChoices';
import type { ModelCatalogue } from '../models/modelCatalogue';
import type { ModelEntry } from '../models/modelEntry';
import { giveBack, openModel } from './rolloutModel';
import type { RolloutLogs, TakenLog } from './rolloutLogs';
import type { PictureSource } from './rolloutPicture';
import { openPicture, pictureName } from './rolloutPicture';
import { RolloutQueue } from './rolloutQueue';
import { RolloutRun } from './rolloutRun';
import type { RolloutRunEnd } from './rolloutRunState';

/** Where a run is recorded: in a new log below a folder, or behind what a log has. */
export type RolloutTarget =
  { readonly kind: 'new'; readonly folder: string } | { readonly kind: 'append'; readonly place: LogPlace };

/** What a person asks for. */
export interface RolloutRequest {
  readonly picture: PictureSource;
  /** Its `image` is where the picture is, as far as that is known. */
  readonly question: Question;
  readonly model: ModelEntry;
  readonly choices: RolloutChoices;
  /** Rollouts, from 1. */
  readonly count: number;
  readonly target: RolloutTarget;
  /** What is to be said about it besides. */
  readonly note?: string;
}

/** A run that goes on, and how it will end. */
export interface StartedRun {
  readonly run: RolloutRun;
  /** The log, absolute. */
  readonly file: string;
  readonly ended: Promise<RolloutRunEnd>;
}

/** Something that writes to a log and can be stopped. */
export interface Stoppable {
  cancel(why?: string): void;
}

/** What runs need of the window. */
export interface RolloutServices {
  readonly catalogue: Pick<ModelCatalogue, 'open' | 'stateOf' | 'onDidChange' | 'unload'>;
  readonly logs: RolloutLogs;
  readonly logger: Logger;
  /** Whether the workspace is trusted now. */
  trusted(): boolean;
  /** Shows a log, at a trajectory where one is given. */
  show(file: string, trajectory?: number): Promise<void>;
  /** The last editor of a log was closed. */
  readonly onDidCloseLog: Event<string>;
}

/** All local models compute on the same machine, and one is in memory at a time. */
const LOCAL_LANE = 'local';

/** The rollouts of this window: begun when a person asks, one at a time on the models of this machine. */
export class Rollouts extends DisposableOwner {
  private readonly changed = this.own(new Emitter<void>());
  /** Cuts the pieces that models ask for. */
  readonly cutter = this.own(new RolloutPictureCutter());
  private readonly going = new Map<Stoppable, string>();
  private current: readonly RolloutRun[] = [];
  /** The order of the runs, and of batches beside them. */
  readonly queue = new RolloutQueue();

  /** A run was begun or has ended. */
  readonly onDidChange: Event<void> = this.changed.event;

  constructor(readonly services: RolloutServices) {
    super();
    this.own(services.onDidCloseLog((file) => this.onClosed(file)));
  }

  /** The runs that have not ended, oldest first. */
  get runs(): readonly RolloutRun[] {
    return this.current;
  }

  /** Logs that runs and batches are writing to. */
  get files(): readonly string[] {
    return [...new Set(this.going.values())];
  }

  /**
   * Begins a run: makes its log, shows it, and plays when it is its turn.
   * @throws ImcotError `denied` in a restricted workspace or when the log can't be written, `usage` for a setting that may
   *   not be, and what is wrong with the picture or with what travels with the checkpoint
   */
  async start(request: RolloutRequest): Promise<StartedRun> {
    this.checkTrust();
    const { model, target, picture: source } = request;
    // First what is quick: a mistake in it is told before anything is made.
    const config = model.kind === 'server' ? {} : await readCheckpointConfig(model.folder);
    const taken = await this.take(target, pictureName(source));
    const { log } = taken;
    const { catalogue } = this.services;
    try {
      const picture = await openPicture(source, log.place);
      const { question, choices, count, note } = request;
      const task = { question, picture, model: model.label, config, choices, count };
      // The same question again is another group: its settings may be others.
      const again = target.kind === 'append' ? `@${Date.now().toString(36)}` : '';
      const group = `${question.id ?? questionKey(question.image, question.question)}${again}`;
      const run = new RolloutRun({ ...task, group, ...(note !== undefined && { note }) }, log, {
        cutter: this.cutter,
        enter: (moved, signal) => this.queue.enter(laneOf(model), moved, signal),
        open: (signal, tell) => openModel(catalogue, model, signal, tell),
        giveBack: (opened, backend) => giveBack(catalogue, opened, backend),
      });
      await run.begin();
      return await this.follow(run, taken);
    } catch (thrown) {
      await taken.release();
      // A head alone tells nobody anything.
      if (target.kind === 'new') await rm(log.place.file, { force: true });
      throw thrown;
    }
  }

  /** Stops the runs that write to a log. */
  stop(file: string, why?: string): void {
    for (const [one, log] of [...this.going]) if (log === file) one.cancel(why);
  }

  /** Counts something among what goes on until the result is disposed. */
  enlist(file: string, one: Stoppable): Disposable {
    this.going.set(one, file);
    this.changed.fire();
    return toDisposable(() => {
      this.going.delete(one);
      this.changed.fire();
    });
  }

  /** @throws ImcotError `denied` in a restricted workspace */
  checkTrust(): void {
    if (this.services.trusted()) return;
    throw new ImcotError(
      'denied',
      'This workspace is not trusted, so no model is run. Trust the workspace to run rollouts.',
    );
  }

  override dispose(): void {
    for (const one of [...this.going.keys()]) one.cancel('The window was closed.');
    super.dispose();
  }

  private take(target: RolloutTarget, name: string): Promise<TakenLog> {
    const { logs } = this.services;
    return target.kind === 'new' ? logs.create(target.folder, name) : logs.resume(target.place);
  }

  private async follow(run: RolloutRun, taken: TakenLog): Promise<StartedRun> {
    const { file } = taken.log.place;
    this.current = [...this.current, run];
    const enlisted = this.enlist(file, run);
    const [trajectory] = run.trajectories;
    const shown = this.services.show(file, trajectory).catch((thrown: unknown) => {
      this.services.logger.warn(`${file} could not be shown: ${errorMessage(thrown)}`);
    });
    const ended = run.play().finally(() => {
      this.current = this.current.filter((one) => one !== run);
      enlisted.dispose();
      void taken.release().catch((thrown: unknown) => {
        this.services.logger.warn(`${file} could not be closed: ${errorMessage(thrown)}`);
      });
    });
    void ended.then((end) => this.say(file, end));
    await shown;
    return { run, file, ended };
  }

  /** A rollout is for whoever watches it; a batch goes on by itself. */
  private onClosed(file: string): void {
    for (const run of this.current) if (this.going.get(run) === file) run.cancel('The editor was closed.');
  }

  private say(file: string, { outcome, reason }: RolloutRunEnd): void {
    const why = reason === undefined ? '' : ` (${reason})`;
    this.services.logger.info(`Rollout of ${file}: ${outcome}${why}`);
  }
}

/** In which order runs wait for each other: servers take many at a time. */
export function laneOf(model: ModelEntry): string | undefined {
  return model.kind === 'server' ? undefined : LOCAL_LANE;
}
