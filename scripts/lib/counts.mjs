// Counts of passed, failed and skipped checks.

/** @typedef {{ passed: number, failed: number, skipped: number }} Counts */

/** @type {Counts} */
export const NOTHING = { passed: 0, failed: 0, skipped: 0 };

/**
 * @param {readonly Counts[]} all
 * @returns {Counts}
 */
export function sum(all) {
  const add = (a, b) => ({
    passed: a.passed + b.passed,
    failed: a.failed + b.failed,
    skipped: a.skipped + b.skipped,
  });
  return all.reduce(add, NOTHING);
}

/**
 * A check without counts of its own, as one check.
 * @param {number} code its exit code
 * @returns {Counts}
 */
export const oneCheck = (code) => (code === 0 ? { ...NOTHING, passed: 1 } : { ...NOTHING, failed: 1 });

/**
 * What a mocha run printed at its end. A run that failed without counting a failure, or that ended well without saying
 * what passed, counts as one failed check: silence is not success.
 * @param {number} code its exit code
 * @param {string} output all that it printed
 * @returns {Counts}
 */
export function mochaCounts(code, output) {
  const plain = output.replace(/\u001b\[[0-9;]*m/g, '');
  const last = (word) =>
    Number([...plain.matchAll(new RegExp(`^ {2}(\\d+) ${word}\\b`, 'gm'))].at(-1)?.[1] ?? NaN);
  const [passed, failed, skipped] = ['passing', 'failing', 'pending'].map(last);
  const counts = { passed: passed || 0, failed: failed || 0, skipped: skipped || 0 };
  const unexplained = (code !== 0 && counts.failed === 0) || (code === 0 && Number.isNaN(passed));
  return unexplained ? { ...counts, failed: counts.failed + 1 } : counts;
}

/** @param {Counts} counts */
export const line = ({ passed, failed, skipped }) => `${passed} passed, ${failed} failed, ${skipped} skipped`;
