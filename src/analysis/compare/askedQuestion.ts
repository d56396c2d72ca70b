import { textDigest } from '../../common/textDigest';
import type { ImageReference } from '../../trajectory/imageReference';
import type { Prompt } from '../../trajectory/trajectory';

/** By what a rollout of one file is known to ask the same as one of another file. */
export interface AskedQuestion {
  /** Digest of the question: Unicode compatibility forms, case and white space make no difference. Empty without one. */
  readonly question: string;
  /**
   * The names of the pictures without folder and ending, in lower case, or the digests of pictures in the record; empty
   * where the file names none.
   */
  readonly picture: string;
}

/** Marks a picture that is known by its content. A file's name has no control character. */
const BY_CONTENT = '\u0000';

/** What a rollout was asked. */
export function askedQuestion({ question, images }: Pick<Prompt, 'question' | 'images'>): AskedQuestion {
  const plain = question.normalize('NFKC').replaceAll(/\s+/g, ' ').trim().toLowerCase();
  const names = images.map(pictureName);
  const picture = names.includes('') ? '' : names.join('\n');
  return { question: plain === '' ? '' : textDigest(plain), picture };
}

/**
 * Whether two pictures of the same question may be one: they have the same name, or one of them has no name that the
 * other's could be compared with.
 */
export function mayBeOnePicture(a: string, b: string): boolean {
  return a === b || a === '' || b === '' || a.startsWith(BY_CONTENT) !== b.startsWith(BY_CONTENT);
}

function pictureName(image: ImageReference): string {
  if (image.kind === 'inline') return BY_CONTENT + image.hash;
  if (image.kind === 'blank') return '';
  const base = image.path.split(/[\\/]/).findLast((part) => part !== '' && part !== '.') ?? '';
  return base.replace(/\.[a-z]{3,4}$/i, '').toLowerCase();
}
