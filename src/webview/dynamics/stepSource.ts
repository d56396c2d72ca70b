import type { RemoteApi } from '../../common/rpc';
import type { DynamicsHostApi, StepRolloutsView } from '../../protocol/dynamicsView';
import type { Store } from '../shared/store';
import { focusRun, planCharts } from './chartPlan';
import { Latest } from './latest';
import type { PageState, StepDetails, StepValue } from './pageState';
import { runsOf } from './stackBuilder';

/** Finds out what the runs did at the chosen step: values by the points themselves, not by the thinned ones. */
export class StepSource {
  private readonly latest: Latest<StepDetails>;

  /**
   * @param arrived called with what has come
   * @param failed called with what went wrong
   */
  constructor(
    private readonly store: Store<PageState>,
    private readonly host: () => RemoteApi<DynamicsHostApi>,
    arrived: (details: StepDetails) => void,
    failed: (thrown: unknown) => void,
  ) {
    this.latest = new Latest(
      () => this.ask(),
      (details) => {
        if (details.step !== store.get().selected) return;
        store.update({ details });
        arrived(details);
      },
      failed,
    );
  }

  /** Asks again. */
  refresh(): void {
    if (this.store.get().selected !== undefined) this.latest.want();
  }

  private ask(): Promise<StepDetails> | undefined {
    const state = this.store.get();
    const { selected: step } = state;
    const runs = runsOf(state);
    if (step === undefined || runs.length === 0) return undefined;
    const run = focusRun(runs, state)?.id;
    const wanted = planCharts(runs, { ...state, band: false }).flatMap(({ id, curves }) =>
      curves.map((curve) => ({ chart: id, ...curve })),
    );
    return Promise.all([this.values(wanted, step), this.rollouts(run, step)]).then(([values, rollouts]) => ({
      step,
      values,
      run,
      rollouts,
    }));
  }

  private async values(
    wanted: readonly { readonly chart: string; readonly run: string; readonly key: string }[],
    step: number,
  ): Promise<StepValue[]> {
    const { curves } = await this.host().curves({
      curves: wanted.map(({ run, key }, at) => ({ id: String(at), members: [{ run, key }] })),
      x: 'step',
      range: [step, step],
      columns: 1,
      smoothing: 0,
    });
    const found = new Map(curves.map((curve) => [curve.id, curve]));
    return wanted.map((curve, at) => {
      const line = found.get(String(at))?.raw;
      const place = line?.steps.indexOf(step) ?? -1;
      const value = line?.y[place];
      return value === undefined ? curve : { ...curve, value };
    });
  }

  private async rollouts(run: string | undefined, step: number): Promise<StepRolloutsView | undefined> {
    return run === undefined ? undefined : this.host().stepRollouts(run, step);
  }
}
