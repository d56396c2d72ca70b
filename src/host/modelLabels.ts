import path from 'node:path';

/**
 * Names for checkpoint folders that tell them apart: the last part of the path, with as many parts before it as needed.
 * A snapshot of a Hugging Face cache is called by its model's name, then with the owner, then with the commit.
 * @param folders absolute; a folder given twice gets its whole path
 * @returns a name for each, in the same order
 */
export function labelFolders(folders: readonly string[]): string[] {
  const choices = folders.map(namesOf);
  const lengths = folders.map(() => 0);
  const label = (at: number): string => choices[at]?.[lengths[at] ?? 0] ?? folders[at] ?? '';
  for (;;) {
    const labels = folders.map((_, at) => label(at));
    const clashing = labels.flatMap((name, at) => {
      const alone = labels.filter((other) => other === name).length === 1;
      return alone || (lengths[at] ?? 0) >= (choices[at]?.length ?? 0) ? [] : [at];
    });
    if (clashing.length === 0) return labels;
    for (const at of clashing) lengths[at] = (lengths[at] ?? 0) + 1;
  }
}

/** What a folder may be called, from short to long. */
function namesOf(folder: string): string[] {
  const parts = folder.split(path.sep).filter((part) => part !== '');
  const [cached, snapshots, commit] = parts.slice(-3);
  if (snapshots === 'snapshots' && commit !== undefined && cached?.startsWith('models--') === true) {
    const whole = cached.slice('models--'.length).replaceAll('--', '/');
    return [...new Set([path.posix.basename(whole), whole, `${whole}@${commit.slice(0, 7)}`])];
  }
  return parts.map((_, at) => parts.slice(parts.length - 1 - at).join('/'));
}
