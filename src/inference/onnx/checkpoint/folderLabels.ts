import path from 'node:path';

/** Folder names that say nothing of the model: `global_step_40/actor/huggingface`, `demo/model`. */
const TELLING_NOTHING = new Set(['actor', 'huggingface', 'hf', 'model']);

/**
 * Names for checkpoint folders that tell them apart: the last telling part of the path, with as many parts before it as
 * needed. A snapshot of a Hugging Face cache is called by its model's name, then with the owner, then with the commit.
 * @param folders absolute, no two the same
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

/** What a checkpoint folder is called by itself. */
export function labelFolder(folder: string): string {
  return namesOf(folder)[0] ?? folder;
}

/** What a folder may be called, from short to long; the whole path comes after all of them. */
function namesOf(folder: string): string[] {
  const parts = folder.split(path.sep).filter((part) => part !== '');
  const [cached, snapshots, commit] = parts.slice(-3);
  if (snapshots === 'snapshots' && commit !== undefined && cached?.startsWith('models--') === true) {
    const whole = cached.slice('models--'.length).replaceAll('--', '/');
    return [...new Set([path.posix.basename(whole), whole, `${whole}@${commit.slice(0, 7)}`])];
  }
  const last = parts.findLastIndex((part) => !TELLING_NOTHING.has(part));
  const telling = parts.slice(0, last + 1);
  return telling.map((_, at) => telling.slice(telling.length - 1 - at).join('/'));
}
