/** Edits (a letter more, less, other, or two exchanged) that make one word of another. */
function distance(a: string, b: string): number {
  let [before, previous] = [[] as number[], Array.from({ length: b.length + 1 }, (_, index) => index)];
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let least = Math.min(
        (previous[j] ?? 0) + 1,
        (current[j - 1] ?? 0) + 1,
        (previous[j - 1] ?? 0) + (same ? 0 : 1),
      );
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        least = Math.min(least, (before[j - 2] ?? 0) + 1);
      }
      current.push(least);
    }
    [before, previous] = [previous, current];
  }
  return previous[b.length] ?? 0;
}

/**
 * The name that somebody most likely meant, case aside; undefined when none is near: an edit for each three letters, and
 * one at least; or the beginning of exactly one name.
 */
export function nearestName(word: string, names: readonly string[]): string | undefined {
  if (word.length > 60) return undefined;
  const lower = word.toLowerCase();
  const scored = names
    .map((name) => ({ name, edits: distance(lower, name.toLowerCase()) }))
    .sort((a, b) => a.edits - b.edits);
  const [best] = scored;
  if (best && best.edits <= Math.max(1, Math.floor(lower.length / 3))) return best.name;
  const begun = names.filter((name) => name.toLowerCase().startsWith(lower));
  return begun.length === 1 ? begun[0] : undefined;
}
