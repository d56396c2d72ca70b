/** A run's own name, and what else tells it from runs of the same name, the most telling first. */
export interface RunNaming {
  readonly name: string;
  /** As many as those of the other runs; '' where there is nothing to say. */
  readonly tellers: readonly string[];
}

/**
 * Names that differ. A name that only one run has stays; of runs with one name each gets, in brackets, the first thing
 * that differs between all of them, or the first two that do together where they tell more, and else a number.
 */
export function distinctNames(runs: readonly RunNaming[]): string[] {
  const alike = new Map<string, number[]>();
  runs.forEach(({ name }, index) => alike.set(name, [...(alike.get(name) ?? []), index]));
  const names = runs.map(({ name }) => name);
  for (const indexes of alike.values()) {
    if (indexes.length < 2) continue;
    const words = tellApart(indexes.map((index) => runs[index]?.tellers ?? []));
    indexes.forEach((index, at) => (names[index] = `${names[index]} (${words[at]})`));
  }
  return areDifferent(names) ? names : names.map((name, index) => `${index + 1}: ${name}`);
}

/** A word for each of several runs, by which they differ. */
function tellApart(tellers: readonly (readonly string[])[]): string[] {
  const columns = (tellers[0] ?? []).map((_, column) => column);
  // Two things that tell much come before one that tells less, as an identifier.
  const choices = columns.flatMap((last) => [
    [last],
    ...columns.slice(0, last).map((column) => [column, last]),
  ]);
  for (const choice of choices) {
    const words = tellers.map((row) =>
      choice.flatMap((column) => (row[column] === '' ? [] : (row[column] ?? []))).join(', '),
    );
    if (areDifferent(words)) return words;
  }
  return tellers.map((_, at) => String(at + 1));
}

function areDifferent(words: readonly string[]): boolean {
  return new Set(words).size === words.length && !words.includes('');
}
