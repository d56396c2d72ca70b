import type { Trajectory } from '../../trajectory/trajectory';
import { answerText } from '../signals/answerText';
import type { Alternative } from './alternatives';
import { alternativesOf, answeredAlternative, statedAlternative } from './alternatives';
import type { Moment, Sentence, Zoom } from './narrative';
import type { FoundPattern, PatternEvidence } from './pattern';

/** Not sure yet. */
const HEDGE =
  /\b(?:appears?|seems?|looks? like|likely|probably|perhaps|maybe|might be|may be|could be|not (?:entirely )?sure)\b/i;
/** Wants to know whether what is believed holds; `confirm whether` believes neither. */
const CONFIRM = /\b(?:confirm|verify|double[- ]check|make sure|be (?:sure|certain))\b(?! (?:whether|if)\b)/i;
/** Takes back what was believed, in so many words. */
const CORRECTION =
  /\b(?:I|we) (?:initially|first|originally|previously|earlier) (?:thought|assumed|believed|took|said|guessed|identified)\b|\b(?:my|the|our) (?:initial|first|earlier|previous) (?:belief|impression|guess|assumption|thought|identification) (?:was|is) (?:wrong|incorrect|mistaken|not)\b|\bturns? out\b|\b(?:was|were) (?:wrong|mistaken)\b|\bmistook\b|\bmisidentified\b|\bmisread\b|\bcontrary to (?:my|our|the|what)\b|\b(?:is|are|was|were)(?: not|n't) [^.]{1,60}\bas (?:I|we) (?:initially |first )?(?:thought|assumed|believed)\b/i;

interface Belief {
  readonly alternative: Alternative;
  readonly sentence: Sentence;
  readonly zoom: Zoom;
}

export function phrase(
  sentence: Sentence,
  role: Extract<PatternEvidence, { kind: 'phrase' }>['role'],
): PatternEvidence {
  const { turn, part, range, text } = sentence;
  return { kind: 'phrase', turn, part, range, text, role };
}

export function boxEvidence({ turn, part, box }: Zoom): PatternEvidence {
  return { kind: 'box', turn, part, box };
}

/** For each zoom what was last said before it and after the one before, that answers the question. */
function beliefs(
  moments: readonly Moment[],
  alternatives: readonly Alternative[],
  question: string,
): Belief[] {
  const found: Belief[] = [];
  let last: Omit<Belief, 'zoom'> | undefined;
  const end = moments.findLastIndex(({ kind }) => kind === 'zoom') + 1;
  for (const moment of moments.slice(0, end)) {
    if (moment.kind === 'zoom') {
      if (last) found.push({ ...last, zoom: moment });
      last = undefined;
    } else {
      const alternative = statedAlternative(moment.text, alternatives, question);
      if (alternative) last = { alternative, sentence: moment };
    }
  }
  return found;
}

/** Visual confirmation and hallucination mitigation: what a belief that was stated before a zoom became after it. */
export function beliefPatterns(moments: readonly Moment[], trajectory: Trajectory): FoundPattern[] {
  const answer = answerText(trajectory);
  const alternatives = alternativesOf(trajectory);
  const final = answer === undefined ? undefined : answeredAlternative(answer, alternatives);
  const said = final
    ? moments.findLast(
        (moment): moment is Sentence =>
          moment.kind === 'sentence' && final.own.every((word) => moment.text.toLowerCase().includes(word)),
      )
    : undefined;
  const all = beliefs(moments, alternatives, trajectory.prompt.question);
  const same = (one: Alternative): boolean => one.words.join(' ') === final?.words.join(' ');
  const held = all.find(({ alternative }) => same(alternative));
  const dropped = final && all.find(({ alternative }) => !same(alternative));
  return [
    ...(held ? [confirmed(held, said)] : answer === undefined || dropped ? [] : wantedToConfirm(moments)),
    ...(dropped ? [mitigated(dropped, said)] : corrected(moments)),
  ];
}

function evidenceOf({ sentence, zoom }: Belief, said: Sentence | undefined): PatternEvidence[] {
  const isAfter = said && (said.turn > zoom.turn || (said.turn === zoom.turn && said.part > zoom.part));
  return [phrase(sentence, 'belief'), boxEvidence(zoom), ...(isAfter ? [phrase(said, 'outcome')] : [])];
}

function confirmed(belief: Belief, said: Sentence | undefined): FoundPattern {
  return {
    name: 'visual confirmation',
    why: 'An answer was stated before a zoom and is the answer after it.',
    evidence: evidenceOf(belief, said),
  };
}

function mitigated(belief: Belief, said: Sentence | undefined): FoundPattern {
  return {
    name: 'hallucination mitigation',
    why: 'An answer was stated before a zoom, and another one is the answer after it.',
    evidence: evidenceOf(belief, said),
  };
}

/** The second way to find a confirmation: an unsure word and the wish to confirm, both before one zoom. */
function wantedToConfirm(moments: readonly Moment[]): FoundPattern[] {
  let [unsure, intent]: (Sentence | undefined)[] = [];
  for (const moment of moments) {
    if (moment.kind === 'zoom') {
      if (unsure && intent) {
        const phrases = unsure === intent ? [] : [phrase(unsure, 'belief')];
        return [
          {
            name: 'visual confirmation',
            why: 'Something is said to be likely, and the zoom is meant to confirm it.',
            evidence: [...phrases, phrase(intent, 'intent'), boxEvidence(moment)],
          },
        ];
      }
      [unsure, intent] = [undefined, undefined];
    } else {
      if (HEDGE.test(moment.text)) unsure ??= moment;
      if (CONFIRM.test(moment.text)) intent = moment;
    }
  }
  return [];
}

/** The second way to find a correction: words of it after a zoom. */
function corrected(moments: readonly Moment[]): FoundPattern[] {
  const first = moments.findIndex(({ kind }) => kind === 'zoom');
  if (first < 0) return [];
  const sentence = moments
    .slice(first)
    .find((moment): moment is Sentence => moment.kind === 'sentence' && CORRECTION.test(moment.text));
  const zoom = moments.findLast(
    (moment): moment is Zoom =>
      moment.kind === 'zoom' && sentence !== undefined && moments.indexOf(moment) < moments.indexOf(sentence),
  );
  if (!sentence || !zoom) return [];
  return [
    {
      name: 'hallucination mitigation',
      why: 'After a zoom the rollout says that it believed something else before.',
      evidence: [boxEvidence(zoom), phrase(sentence, 'correction')],
    },
  ];
}
