import path from 'node:path';
import type { GoldenFolder } from '../../test/parity/goldenFolder';
import { type Book, Entry } from '../../test/parity/trackedJson';

/**
 * One case of a folder of reference values:
 *
 * - `box`: a box on a picture, and what Pillow cut there, or its error; resized where a target stands beside it
 * - `picture`: a picture file, and what it is when decoded and as a model's processor resized it
 * - `turn`: an angle, and the picture turned by it
 * - `size`: the size of a picture
 */
export interface GoldenCase {
  readonly kind: 'box' | 'picture' | 'turn' | 'size';
  readonly entry: Entry;
  /** The entry and all in it, so that what nobody compared can be named. */
  readonly book: Book;
  /** The JSON file that it stands in; its other files are named relative to this one. */
  readonly manifest: string;
  /** The picture file's name in the folder; undefined where nothing names one. */
  readonly image: string | undefined;
}

type Fields = Readonly<Record<string, unknown>>;

/**
 * Finds every case in a JSON file by its fields, at whatever depth: the file's name and layout do not matter. A picture
 * that an object names by `image` is that of everything inside of it.
 * @param golden the folder
 * @param manifest the file's name in it; the pictures that it names lie beside it, or else anywhere in the folder
 */
export function findCases(golden: GoldenFolder, manifest: string): GoldenCase[] {
  const found: GoldenCase[] = [];
  const files = golden.allFiles();
  const pictureOf = (name: unknown): string | undefined => {
    if (typeof name !== 'string') return undefined;
    const beside = golden.beside(manifest, name);
    return golden.has(beside) ? beside : files.find((file) => path.posix.basename(file) === name);
  };
  const add = (kind: GoldenCase['kind'], fields: Fields, place: string, image: string | undefined): void => {
    const book: Book = [];
    found.push({ kind, entry: new Entry(fields, place, book), book, manifest, image });
  };
  const visit = (value: unknown, place: string, inherited: string | undefined): void => {
    if (Array.isArray(value)) {
      value.forEach((item, index) => visit(item, `${place}[${index}]`, inherited));
      return;
    }
    if (typeof value !== 'object' || value === null) return;
    const fields = value as Fields;
    const image = pictureOf(fields['image']) ?? inherited;
    if (Array.isArray(fields['box'])) return add('box', fields, place, image);
    if (typeof fields['angle'] === 'number') return add('turn', fields, place, image);
    if (typeof fields['file'] === 'string' && ('rgb' in fields || 'processed' in fields))
      return add('picture', fields, place, pictureOf(fields['file']));
    if (Array.isArray(fields['crop_box']))
      add('box', { box: fields['crop_box'], size_wh: fields['crop_size_wh'] }, `${place}.crop_box`, image);
    if (typeof fields['image'] === 'string' && Array.isArray(fields['size_wh']))
      add('size', { size_wh: fields['size_wh'] }, `${place}.size_wh`, image);
    for (const [key, item] of Object.entries(fields)) visit(item, `${place}.${key}`, image);
  };
  visit(JSON.parse(golden.bytes(manifest).toString('utf8')), manifest, undefined);
  return found;
}
