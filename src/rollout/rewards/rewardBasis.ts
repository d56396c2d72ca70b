import type { FormatRules } from '../../analysis/rewardFormula';
import { ALL_FORMULAS } from '../../analysis/rewardFormula';
import { zoomCount } from '../../analysis/trajectoryFacts';
import type { Trajectory } from '../../trajectory/trajectory';
import type { FormatReport } from './format';
import { checkFormat } from './format';
import { responseText } from './responseText';

/** The checks of form that any formula goes by. */
export const FORMULA_RULES: readonly FormatRules[] = [...new Set(ALL_FORMULAS.map(({ format }) => format))];

/** What a reward by any formula is worked out from: flat and small, so that a table can keep it for each record. */
export interface RewardBasis {
  /** The scalar that the file has. */
  readonly total?: number;
  /** The formula that the file's reward has its parts by. */
  readonly formula?: string;
  /** Parts by that formula, before their weights. */
  readonly accuracy?: number;
  readonly tool?: number;
  readonly format?: number;
  /** Whether the answer was judged right. */
  readonly correct?: boolean;
  /** Whether that is known from elsewhere than the total. */
  readonly isJudged: boolean;
  /** The checks of form that the response fails; absent where the record does not hold the whole response. */
  readonly broken?: readonly FormatRules[];
  /** Those of them by which the answer is wrong, whatever it says. */
  readonly wrong?: readonly FormatRules[];
  /** Crops that came back. */
  readonly crops: number;
  /** Whether the response calls a search. */
  readonly searched: boolean;
}

/** Whether a record holds all that its policy wrote: only then its form can be checked. */
function isWhole({ outcome: { status }, turns }: Trajectory): boolean {
  const hasEnd = status === 'finished' || status === 'length' || status === 'turnLimit';
  return hasEnd && turns.length > 0 && turns.every(({ recovered }) => recovered !== true);
}

/**
 * The form of a rollout by a formula's checks, worked out from its text; undefined while it goes on, and where it was
 * cut short or a turn of it is lost.
 */
export function formReport(trajectory: Trajectory, rules: FormatRules): FormatReport | undefined {
  return isWhole(trajectory) ? checkFormat(responseText(trajectory), rules) : undefined;
}

/** What is known of a rollout, whatever the formula. */
export function rewardBasis(trajectory: Trajectory): RewardBasis {
  const { reward, verdict } = trajectory;
  const response = responseText(trajectory);
  const reports = isWhole(trajectory)
    ? FORMULA_RULES.map((rules) => ({ rules, report: checkFormat(response, rules) }))
    : undefined;
  return {
    ...recordedParts(reward),
    ...(verdict && { correct: verdict.correct }),
    isJudged: verdict !== undefined && verdict.provenance !== 'recovered',
    ...(reports && {
      broken: reports.flatMap(({ rules, report }) => (report.errors.length > 0 ? rules : [])),
      wrong: reports.flatMap(({ rules, report }) => (report.wrong === undefined ? [] : rules)),
    }),
    crops: zoomCount(trajectory),
    searched: response.includes('<tool_call>'),
  };
}

function recordedParts(reward: Trajectory['reward']): Partial<RewardBasis> {
  if (!reward) return {};
  const { total, formula, parts } = reward;
  const valueOf = (name: string): number | undefined => parts.find((part) => part.name === name)?.value;
  const [accuracy, tool, format] = [valueOf('accuracy'), valueOf('tool'), valueOf('format')];
  return {
    ...(total !== undefined && Number.isFinite(total) && { total }),
    ...(formula !== undefined && { formula }),
    ...(accuracy !== undefined && { accuracy }),
    ...(tool !== undefined && { tool }),
    ...(format !== undefined && { format }),
  };
}
