import { createHash } from 'node:crypto';

const KEY_DIGITS = 12;

/**
 * A question's name where its file gives none: the first digits of a hash over picture and text, so that it stays the same
 * wherever the question stands in its file.
 * @param image path of the picture as the file has it
 */
export function questionKey(image: string, question: string): string {
  return createHash('sha256')
    .update(JSON.stringify([image, question]))
    .digest('hex')
    .slice(0, KEY_DIGITS);
}

/** Gives every question a name of its own: a name that comes again gets `-1`, `-2` and so on. */
export class QuestionIds {
  private readonly taken = new Set<string>();
  private readonly repetitions = new Map<string, number>();

  take(name: string): string {
    let id = name;
    let repetition = this.repetitions.get(name) ?? 0;
    while (this.taken.has(id)) id = `${name}-${++repetition}`;
    if (repetition > 0) this.repetitions.set(name, repetition);
    this.taken.add(id);
    return id;
  }
}
