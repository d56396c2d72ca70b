import type { Trajectory } from '../../trajectory/trajectory';
import { beliefPatterns } from './beliefRules';
import { narrative } from './narrative';
import type { FoundPattern } from './pattern';
import { PATTERN_NAMES } from './pattern';
import { regionPatterns } from './regionRules';

/**
 * The thinking patterns of a rollout with what each rests on, in the order of `PATTERN_NAMES`; empty where none is found,
 * which is most often so. The rules stand in docs/patterns.md. They know English words only.
 */
export function thinkingPatterns(trajectory: Trajectory): readonly FoundPattern[] {
  const moments = narrative(trajectory);
  if (!moments.some(({ kind }) => kind === 'zoom')) return [];
  return [...regionPatterns(moments, trajectory), ...beliefPatterns(moments, trajectory)].sort(
    (a, b) => PATTERN_NAMES.indexOf(a.name) - PATTERN_NAMES.indexOf(b.name),
  );
}
