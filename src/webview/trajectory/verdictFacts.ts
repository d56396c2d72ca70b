import type { TrajectoryView } from '../../protocol/trajectoryView';
import { h } from '../shared/dom';
import { textLine } from '../shared/fileText';
import { visibleLine } from '../shared/visibleText';
import { verdictTone } from './answerNode';
import { fact, factFrom, soft, withGrounds } from './detailsRow';
import { outcomeWords } from './words';

/** Who decided, for people: a rule by its name, a judge, the check of form. */
function judgeWords(by: string): string {
  const rule = /^rule: (.*)$/s.exec(by)?.[1];
  if (rule !== undefined) return `by rule: ${visibleLine(rule, 60)}`;
  if (by === 'judge') return 'by a judge';
  return by === 'format' ? 'by its form' : `by ${visibleLine(by, 60)}`;
}

/** Why nobody has judged, as far as the record tells. */
function notJudgedWords({ outcome, reward, groundTruth }: TrajectoryView): string {
  // The part of the reward says why.
  if (reward?.unknown?.some(({ name }) => name === 'accuracy')) return 'not judged';
  if (outcome.status === 'running') return 'not judged yet';
  if (outcome.status === 'cancelled' || outcome.status === 'error')
    return 'not judged: it has no end of its own';
  return groundTruth === undefined ? 'not judged: the right answer is not known' : 'not judged';
}

/** Verdict, right answer, and how the rollout ended where that is not by itself. */
export function verdictFacts(trajectory: TrajectoryView): HTMLElement[] {
  const { verdict, reward, groundTruth, outcome } = trajectory;
  // The reward tells the same of its accuracy: once is enough.
  const isTold = reward?.parts.some(({ name, reason }) => name === 'accuracy' && reason === verdict?.reason);
  const judged =
    verdict &&
    factFrom(
      'Verdict',
      verdict.provenance,
      h('b', { class: `words ${verdictTone(trajectory)}` }, verdict.correct ? 'right' : 'wrong'),
      verdict.by !== undefined && soft(` ${judgeWords(verdict.by)}`),
    );
  const { status, reason } = outcome;
  const hasEnd = status !== 'finished' && status !== 'running';
  return [
    judged
      ? withGrounds(judged, isTold ? undefined : verdict.reason)
      : fact('Verdict', soft(notJudgedWords(trajectory))),
    ...(groundTruth === undefined ? [] : [fact('Ground truth', textLine(groundTruth, '', 400))]),
    ...(hasEnd ? [withGrounds(fact('Ended', outcomeWords(status)), reason)] : []),
    ...(!reward && status !== 'running' && status !== 'cancelled'
      ? [fact('Reward', soft('not recorded; a formula above works it out'))]
      : []),
  ];
}
