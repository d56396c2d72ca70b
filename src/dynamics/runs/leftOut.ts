import path from 'node:path';
import { pathPattern } from '../../common/pathPattern';
import type { WalkLimits } from '../../files/walkFolder';
import type { RunRoot } from './runLogs';

/** Whether an entry is left out by the exclusions of the folder that is searched; a pattern that can't be used leaves out nothing. */
export function leftOut(roots: readonly RunRoot[]): NonNullable<WalkLimits['isLeftOut']> {
  const byRoot = new Map(
    roots.map(({ path: root, exclude }) => {
      const rules = exclude.flatMap(({ pattern, when }) => {
        const expression = pathPattern(pattern);
        return expression ? [{ expression, when }] : [];
      });
      return [path.resolve(root), rules] as const;
    }),
  );
  return (file, root, namesBeside) => {
    const rules = byRoot.get(path.resolve(root)) ?? [];
    const relative = path.relative(root, file).split(path.sep).join('/');
    const { name } = path.parse(file);
    return rules.some(
      ({ expression, when }) =>
        expression.test(relative) &&
        (when === undefined || namesBeside.has(when.replaceAll('$(basename)', name))),
    );
  };
}
