import type { Disposable } from '../../common/disposable';
import { DisposableOwner } from '../../common/disposable';
import { RolloutPictureCutter } from '../../launch/pictureCutter';
import type { ScoreOptions } from '../../rollout/rewards/scoreRollout';
import type { CliIo } from '../cliIo';
import type { OpenedModel } from './openModel';
import { openModel } from './openModel';
import { openScore } from './openScore';
import type { RunSettings } from './runSettings';

/** What rollouts are made with. Disposing it lets all of it go. */
export interface RunTools extends Disposable {
  readonly model: OpenedModel;
  readonly score: ScoreOptions;
  readonly cutter: RolloutPictureCutter;
}

class Owner extends DisposableOwner {
  take<T extends Disposable>(disposable: T): T {
    return this.own(disposable);
  }
}

/**
 * Opens the model, and the judge where one was named.
 * @throws ImcotError for what can't be opened; nothing stays open then
 */
export async function openTools(settings: RunSettings, io: CliIo): Promise<RunTools> {
  const owner = new Owner();
  try {
    const model = owner.take(await openModel(settings.model, io, settings.concurrency));
    const score = owner.take(await openScore(settings, io));
    const cutter = owner.take(new RolloutPictureCutter());
    return { model, score: score.options, cutter, dispose: () => owner.dispose() };
  } catch (thrown) {
    owner.dispose();
    throw thrown;
  }
}
