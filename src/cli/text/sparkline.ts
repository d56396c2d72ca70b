const LEVELS = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'] as const;

/**
 * A curve in a few characters: each stands for a stretch of it and shows its mean between the least and the greatest of
 * these means. Stretches without a finite value are blank; a flat curve runs in the middle.
 * @param width most characters; fewer values give fewer
 */
export function sparkline(values: ArrayLike<number>, width: number): string {
  const cells = Math.min(width, values.length);
  const means = Array.from({ length: cells }, (_, cell) => {
    const from = Math.floor((cell * values.length) / cells);
    const to = Math.floor(((cell + 1) * values.length) / cells);
    let [sum, count] = [0, 0];
    for (let index = from; index < to; index++) {
      const value = values[index] as number;
      if (!Number.isFinite(value)) continue;
      sum += value;
      count++;
    }
    return count === 0 ? NaN : sum / count;
  });
  const finite = means.filter((mean) => Number.isFinite(mean));
  const [low, high] = [Math.min(...finite), Math.max(...finite)];
  return means
    .map((mean) => {
      if (!Number.isFinite(mean)) return ' ';
      const level = high > low ? Math.round(((mean - low) / (high - low)) * (LEVELS.length - 1)) : 3;
      return LEVELS[level] ?? ' ';
    })
    .join('');
}
