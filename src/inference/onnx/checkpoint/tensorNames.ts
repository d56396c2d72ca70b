const RENAMED: readonly (readonly [newer: string, released: string])[] = [
  ['model.visual.', 'visual.'],
  ['model.language_model.', 'model.'],
];

/**
 * A stored tensor's name in the released key generation. The newer one (transformers 4.52 and later keep it in memory,
 * some versions store it) has `model.visual.*` and `model.language_model.*`; every other name stays as it is.
 */
export function releasedName(stored: string): string {
  for (const [newer, released] of RENAMED) {
    if (stored.startsWith(newer)) return released + stored.slice(newer.length);
  }
  return stored;
}
