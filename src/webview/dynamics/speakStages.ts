import type { RunView } from '../../protocol/dynamicsView';
import { conceptOf, conceptTitle, focusRun } from './chartPlan';
import { formatValue } from './charts/format';
import type { PageState, StepDetails } from './pageState';
import { boundarySteps, runsOf } from './stackBuilder';
import { confidenceWord, nameLine, stepWords } from './words';

/** What was found of a run's stages, in one sentence. */
export function stageResult(run: RunView, state: Pick<PageState, 'boundaries'>): string {
  const { status, confidence, reason } = run.stages;
  if (status === 'no clear stages') return `No clear stages: ${reason}`;
  const steps = boundarySteps(run, state).map(stepWords).join(' and ');
  const found =
    status === 'three stages'
      ? `Three stages, beginning anew at steps ${steps}`
      : `Stage 2 so far, since step ${steps}`;
  return `${found}; confidence ${confidenceWord(confidence)}.`;
}

/** What the live region says when a file has been read. */
export function openedWords(state: PageState): string | undefined {
  const run = focusRun(runsOf(state), state);
  return run && `${nameLine(run.name)}: ${stageResult(run, state)}`;
}

/** What the live region says of a step. */
export function detailsWords(details: StepDetails, state: PageState): string {
  const own = details.values.filter(({ run, value }) => run === details.run && value !== undefined);
  const values = own.map(({ chart, key, value }) => {
    const concept = conceptOf(chart);
    return `${concept === undefined ? nameLine(key) : conceptTitle(concept)} ${formatValue(value ?? NaN, 'number')}`;
  });
  const run = runsOf(state).find(({ id }) => id === details.run);
  const whose = runsOf(state).length > 1 && run ? ` of ${nameLine(run.name)}` : '';
  return `Step ${stepWords(details.step)}${whose}: ${values.join(', ') || 'no sample here'}`;
}
