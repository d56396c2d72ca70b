import { ImcotError } from '../../common/errors';
import type { PointPlace, StepRecords } from '../../dynamics/dynamicsApi';
import type { CurveId, CurvesRequest, DynamicsHostApi, XMode } from '../../protocol/dynamicsView';
import type { CurvesDocument } from './curvesDocument';
import type { CsvSource } from './saveTable';
import {
  checkColumns,
  checkCurve,
  checkCurves,
  checkCurvesRequest,
  checkName,
  checkPicture,
  checkPlace,
  checkPlaces,
  checkRange,
  checkRows,
  checkX,
} from './dynamicsRequests';

/** What a session asks of the editor around it. */
export interface DynamicsActions {
  /** Lets the person choose the rollouts of a run that was read from `source`, and remembers them. */
  chooseRollouts(source: string): Promise<string | undefined>;
  /** Shows these rollouts. */
  openRollouts(step: number, records: StepRecords): Promise<void>;
  reveal(place: PointPlace): Promise<void>;
  /** Both resolve to whether something was saved. */
  savePicture(kind: 'png' | 'svg', bytes: Uint8Array): Promise<boolean>;
  saveTable(read: CsvSource): Promise<boolean>;
}

/** One page over a document: answers what the page asks. Everything that arrives is checked. */
export class DynamicsSession implements DynamicsHostApi {
  /**
   * @param listens called when the page says that it listens
   */
  constructor(
    private readonly document: CurvesDocument,
    private readonly actions: DynamicsActions,
    private readonly listens: () => void,
  ) {}

  async ready(): ReturnType<DynamicsHostApi['ready']> {
    this.listens();
    return this.document.view;
  }

  async curves(request: CurvesRequest): ReturnType<DynamicsHostApi['curves']> {
    const checked = checkCurvesRequest(request);
    return (await this.document.remote()).curves(checked);
  }

  async stageCards(run: string, boundaries: readonly number[]): ReturnType<DynamicsHostApi['stageCards']> {
    const checked = checkPlaces(boundaries);
    const name = checkName(run);
    return (await this.document.remote()).stageCards(name, checked);
  }

  async zoomHeat(
    run: string,
    x: XMode,
    range: readonly [number, number] | undefined,
    columns: number,
  ): ReturnType<DynamicsHostApi['zoomHeat']> {
    const checked = [checkName(run), checkX(x), checkRange(range), checkColumns(columns)] as const;
    return (await this.document.remote()).zoomHeat(...checked);
  }

  async table(curves: readonly CurveId[], start: number, end: number): ReturnType<DynamicsHostApi['table']> {
    const checked = [checkCurves(curves), ...checkRows(start, end)] as const;
    return (await this.document.remote()).table(...checked);
  }

  async stepRollouts(run: string, step: number): ReturnType<DynamicsHostApi['stepRollouts']> {
    const checked = [checkName(run), checkPlace(step)] as const;
    return (await this.document.remote()).stepRollouts(...checked);
  }

  async openRollouts(run: string, step: number): Promise<void> {
    const checked = [checkName(run), checkPlace(step)] as const;
    const records = await (await this.document.remote()).stepRecords(...checked);
    if (!records) {
      throw new ImcotError(
        'missing',
        `No rollouts of step ${step} are known. Link the log that the run wrote them to.`,
      );
    }
    await this.actions.openRollouts(checked[1], records);
  }

  async linkRollouts(run: string): Promise<boolean> {
    const name = checkName(run);
    const remote = await this.document.remote();
    const log = await this.actions.chooseRollouts(await remote.sourcePath(name));
    if (log === undefined) return false;
    await remote.link(name, log);
    return true;
  }

  async revealPoint(curve: CurveId, step: number): Promise<void> {
    const checked = [checkCurve(curve), checkPlace(step)] as const;
    const place = await (await this.document.remote()).place(...checked);
    if (!place) {
      throw new ImcotError(
        'missing',
        `No line of the log is this point: ${checked[0].key} has none at step ${step}, or it was worked out from rollouts.`,
      );
    }
    await this.actions.reveal(place);
  }

  async savePicture(kind: 'png' | 'svg', content: Uint8Array | string): Promise<boolean> {
    const picture = checkPicture(kind, content);
    return this.actions.savePicture(picture.kind, picture.bytes);
  }

  async saveTable(curves: readonly CurveId[]): Promise<boolean> {
    const checked = checkCurves(curves);
    const remote = await this.document.remote();
    return this.actions.saveTable((from) => remote.csv(checked, from));
  }

  async reload(): Promise<void> {
    this.document.reload();
  }
}
