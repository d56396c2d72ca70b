import type { RemoteApi } from '../../common/rpc';
import type { DynamicsHostApi } from '../../protocol/dynamicsView';
import type { Store } from '../shared/store';
import { focusRun } from './chartPlan';
import { Latest } from './latest';
import type { MovedCards, PageState } from './pageState';
import { boundarySteps, isMoved, runsOf } from './stackBuilder';

/** Keeps the cards between boundaries that a person has moved. */
export class CardSource {
  private readonly latest: Latest<MovedCards>;

  /** @param failed called with what went wrong */
  constructor(
    private readonly store: Store<PageState>,
    private readonly host: () => RemoteApi<DynamicsHostApi>,
    failed: (thrown: unknown) => void,
  ) {
    this.latest = new Latest(
      () => this.ask(),
      (moved) => store.update({ moved }),
      failed,
    );
  }

  /** Asks again, where anything was moved. */
  refresh(): void {
    this.latest.want();
  }

  private ask(): Promise<MovedCards> | undefined {
    const state = this.store.get();
    const run = focusRun(runsOf(state), state);
    if (!run || !isMoved(run, state)) return undefined;
    const boundaries = boundarySteps(run, state);
    return this.host()
      .stageCards(run.id, boundaries)
      .then((cards) => ({ run: run.id, boundaries, cards }));
  }
}
