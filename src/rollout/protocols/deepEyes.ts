import { QWEN25_LIMITS } from '../../common/smartResize';
import type { TurnSemantics } from '../../trajectory/environment';
import { parseTurn } from '../../trajectory/parseTurn';
import {
  SYSTEM_PROMPT_V1,
  SYSTEM_PROMPT_V2,
  SYSTEM_PROMPT_V5,
  TURN_PROMPT_V5,
  USER_PROMPT_V1,
  USER_PROMPT_V2,
} from '../prompts/deepEyesPrompts';
import { AUTHORS_LIMITS } from '../rolloutSettings';
import type { AskedQuestion, ObservationPiece, ReadTurn, RolloutProtocol } from './protocol';

/** What an environment of DeepEyes makes of a turn. Source: see `parseTurn`. */
export function readTurn(text: string, semantics: TurnSemantics): ReadTurn {
  const { parts, decision } = parseTurn(text, semantics);
  const acted = parts.flatMap((part) => (part.kind === 'toolCall' && part.acted ? [part.call] : []));
  const { answer, ends } = decision;
  return {
    parts,
    acted,
    ends,
    ...(answer && { answer: text.slice(answer.inner.start, answer.inner.end).trim() }),
  };
}

/** v2's message, of one crop: everything within one `<tool_response>`. Source: `visual_toolbox_v2.py`. */
export function oneResponse(text: string): (pictures: number) => readonly ObservationPiece[] {
  return (pictures) => [
    '<tool_response>',
    ...Array.from({ length: pictures }, (_, picture) => ({ picture })),
    `${text}</tool_response>`,
  ];
}

/** v5's message: one `<tool_response>` per crop, then the text. Source: `visual_toolbox_v5.py`. */
export function responseEach(pictures: number): readonly ObservationPiece[] {
  return [
    ...Array.from({ length: pictures }, (_, picture): readonly ObservationPiece[] => [
      '<tool_response>\n',
      { picture },
      '\n</tool_response>\n',
    ]).flat(),
    TURN_PROMPT_V5,
  ];
}

const WITHOUT_WORDS = 'Error: ZOOM IN ARGUMENTS ARE INVALID';

const TRAINING: Omit<RolloutProtocol, 'name' | 'label' | 'system' | 'userText'> = {
  semantics: 'trainingV2',
  variant: 'trainingV2',
  frame: 'original',
  cropLimits: QWEN25_LIMITS,
  limits: AUTHORS_LIMITS.training,
  stopStrings: [],
  evaluates: false,
  acts: true,
  readTurn: (text) => readTurn(text, 'trainingV2'),
  // Every environment of DeepEyes cuts from the prompt's first picture, whatever was cut before.
  sourceOf: () => 0,
  observation: oneResponse(USER_PROMPT_V2),
  refusal: WITHOUT_WORDS,
};

/** The question as it stands, then the prompt's text. */
export function withSuffix(suffix: string): (asked: AskedQuestion) => string {
  return ({ question, options }) =>
    options === undefined ? `${question}${suffix}` : `${evaluationQuestion({ question, options })}${suffix}`;
}

/** Source: `instruction_prompt_before` of DeepEyes' evaluation; without options that line is left out [inferred]. */
function evaluationQuestion({ question, options }: AskedQuestion): string {
  if (options === undefined) return `Question: ${question}\n`;
  const lines = options.map((option, index) => `${String.fromCharCode(65 + index)}. ${option}\n`);
  return `Question: ${question}\nOptions: \n${lines.join('')}\n`;
}

/** The first environment. What it says after a crop is not known; v2's form with v1's text stands here [inferred]. */
export const DEEPEYES_V1: RolloutProtocol = {
  ...TRAINING,
  name: 'deepeyes-v1',
  label: 'DeepEyes v1: zoom and rotate declared',
  system: SYSTEM_PROMPT_V1,
  userText: withSuffix(USER_PROMPT_V1),
  observation: oneResponse(USER_PROMPT_V1),
};

/** The released models' training environment, `visual_toolbox_v2`. */
export const DEEPEYES_V2: RolloutProtocol = {
  ...TRAINING,
  name: 'deepeyes-v2',
  label: 'DeepEyes v2, as in training',
  system: SYSTEM_PROMPT_V2,
  userText: withSuffix(USER_PROMPT_V2),
};

/** `visual_toolbox_v5`: up to three calls a turn. */
export const DEEPEYES_V5: RolloutProtocol = {
  ...TRAINING,
  name: 'deepeyes-v5',
  label: 'DeepEyes v5: several calls in a turn',
  system: SYSTEM_PROMPT_V5,
  semantics: 'trainingV5',
  variant: 'trainingV5',
  userText: withSuffix(TURN_PROMPT_V5),
  readTurn: (text) => readTurn(text, 'trainingV5'),
  observation: responseEach,
};

/** DeepEyes' evaluation scripts, `eval_vstar.py` and kin. */
export const DEEPEYES_EVALUATION: RolloutProtocol = {
  ...TRAINING,
  name: 'deepeyes-evaluation',
  label: 'DeepEyes v2, as in its evaluation',
  system: SYSTEM_PROMPT_V2,
  semantics: 'evaluation',
  variant: 'evaluation',
  limits: AUTHORS_LIMITS.evaluation,
  evaluates: true,
  userText: (asked) => `${evaluationQuestion(asked)}${USER_PROMPT_V2}`,
  readTurn: (text) => readTurn(text, 'evaluation'),
};

/** The question alone, one generation, no tool: DeepEyes' rows without an environment. */
export const PLAIN: RolloutProtocol = {
  ...TRAINING,
  name: 'plain',
  label: 'The question alone, no tool',
  acts: false,
  userText: withSuffix(''),
};
