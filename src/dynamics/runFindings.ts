import { findAlarms, type Alarm } from '../analysis/alarms';
import { findStages, type StageReport } from '../analysis/stages/findStages';
import { alarmInputOf, stageCurvesOf, type RunCurve } from '../analysis/stages/runCurves';
import { stageCards, type StageCard } from '../analysis/stages/stageCards';
import type { Concept, ConceptKey } from '../metrics/concepts';
import type { DynamicsRun } from './dynamicsRun';

/** A run that grows is searched again only after this time: a search costs some milliseconds, and looks at all points. */
const REST_MS = 3000;

/** Stages and alarms of a run: found when somebody asks, and again once it has grown and some seconds have passed. */
export class RunFindings {
  private found:
    | {
        readonly version: string;
        readonly at: number;
        readonly stages: StageReport;
        readonly alarms: readonly Alarm[];
      }
    | undefined;

  constructor(
    private readonly run: DynamicsRun,
    private readonly now: () => number = () => performance.now(),
  ) {}

  get stages(): StageReport {
    return this.current().stages;
  }

  get alarms(): readonly Alarm[] {
    return this.current().alarms;
  }

  /** Whether the run has grown since its stages were looked for. */
  get isOutdated(): boolean {
    return this.found !== undefined && this.found.version !== this.run.version;
  }

  /** What the run did between boundaries that a person has chosen. */
  cards(boundaries: readonly number[]): StageCard[] {
    return stageCards(
      this.curves(),
      [...boundaries].sort((a, b) => a - b),
    );
  }

  private curves(): RunCurve[] {
    return stageCurvesOf(this.run.ofConcepts, firstKeys(this.run));
  }

  private current(): NonNullable<typeof this.found> {
    const { version } = this.run;
    if (this.found && (this.found.version === version || this.now() - this.found.at < REST_MS))
      return this.found;
    const input = alarmInputOf(this.run.ofConcepts, firstKeys(this.run));
    const { zoomDistributions } = this.run;
    const stages = findStages(this.curves());
    const alarms = findAlarms({ ...input, ...(zoomDistributions.length > 0 && { zoomDistributions }) });
    return (this.found = { version, at: this.now(), stages, alarms });
  }
}

function firstKeys(run: DynamicsRun): ReadonlyMap<Concept, ConceptKey> {
  return new Map(
    [...run.conceptKeys].flatMap(([concept, [first]]) => (first ? [[concept, first] as const] : [])),
  );
}
