/**
 * What a curve is about, as far as the stages ask. `toolCalls` (calls, failed ones included) stands in for `zoomCount`
 * (crops that came back) where a log has no other; `responseLength` is in tokens, observations excluded or included, as
 * the caller chose; `iou`, `accuracy` and `toolSuccess` are fractions.
 */
export type StageConcept = 'zoomCount' | 'toolCalls' | 'responseLength' | 'iou' | 'accuracy' | 'toolSuccess';

/** A curve of a run. Steps may be in any order and differ from those of other curves; values may be non-finite (gaps). */
export interface StageCurve {
  readonly concept: StageConcept;
  readonly steps: ArrayLike<number>;
  /** Aligned with `steps`. */
  readonly values: ArrayLike<number>;
}

/** The curves whose turning points are the stages' boundaries. */
export type StageRole = 'zoomCount' | 'responseLength' | 'iou';

/** A curve in the role that it plays, with the concept that it really shows. */
export interface RoleCurve {
  readonly role: StageRole;
  readonly curve: StageCurve;
}

const NAMES: Readonly<Record<StageConcept, string>> = {
  zoomCount: 'zoom count',
  toolCalls: 'tool calls',
  responseLength: 'length',
  iou: 'IoU',
  accuracy: 'accuracy',
  toolSuccess: 'tool success',
};

/** The concept in words, for a sentence: 'zoom count', 'length'. */
export function conceptName(concept: StageConcept): string {
  return NAMES[concept];
}

/** What the concept does, for a sentence: 'zoom count rises', 'tool calls do not fall'. */
export function conceptDoes(concept: StageConcept, verb: 'rise' | 'fall' | 'hold', isDone = true): string {
  const isPlural = concept === 'toolCalls';
  const does = isDone ? `${verb}${isPlural ? '' : 's'}` : `${isPlural ? 'do' : 'does'} not ${verb}`;
  return `${conceptName(concept)} ${does}`;
}

/** The curves that decide, at most one per role: the first of its concept; tool calls only without a zoom count. */
export function roleCurves(curves: readonly StageCurve[]): RoleCurve[] {
  const wanted: readonly (readonly [StageRole, readonly StageConcept[]])[] = [
    ['zoomCount', ['zoomCount', 'toolCalls']],
    ['responseLength', ['responseLength']],
    ['iou', ['iou']],
  ];
  return wanted.flatMap(([role, concepts]) => {
    for (const concept of concepts) {
      const curve = curves.find((one) => one.concept === concept && finitePoints(one) > 0);
      if (curve) return [{ role, curve }];
    }
    return [];
  });
}

/** Calls back for every point whose step and value are finite. */
export function forEachPoint(curve: StageCurve, visit: (step: number, value: number) => void): void {
  const length = Math.min(curve.steps.length, curve.values.length);
  for (let at = 0; at < length; at++) {
    const step = curve.steps[at] as number;
    const value = curve.values[at] as number;
    if (Number.isFinite(step) && Number.isFinite(value)) visit(step, value);
  }
}

/** How many points have a finite step and value. */
export function finitePoints(curve: StageCurve): number {
  let count = 0;
  forEachPoint(curve, () => count++);
  return count;
}

/** How many different steps have a finite value. */
export function distinctSteps(curve: StageCurve): number {
  let count = 0;
  let last = -Infinity;
  let ascending = true;
  forEachPoint(curve, (step) => {
    if (step > last) count++;
    else if (step < last) ascending = false;
    last = step;
  });
  if (ascending) return count;
  const seen = new Set<number>();
  forEachPoint(curve, (step) => seen.add(step));
  return seen.size;
}
