import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { RgbImage } from '../../src/imaging/imageStore';
import { SharpImageStore } from '../../src/imaging/sharpImageStore';

const COLOURS = {
  red: [208, 48, 40],
  green: [48, 152, 64],
  blue: [40, 80, 200],
  yellow: [232, 200, 48],
} as const;
type Colour = keyof typeof COLOURS;

/** Where questions and their pictures lie. */
export interface WrittenQuestions {
  readonly file: string;
  readonly ids: readonly string[];
}

/** A patch of a colour on stripes; another one for each number. */
export function picture(number: number): { readonly pixels: RgbImage; readonly colour: Colour } {
  // Multiples of 28 reach the model as they are; the others are resized by both sides.
  const width = 84 + 28 * (number % 3);
  const height = number % 4 === 3 ? 101 : 84 + 28 * (number % 2);
  const colour = (Object.keys(COLOURS) as Colour[])[number % 4] ?? 'red';
  const data = new Uint8Array(width * height * 3);
  const [left, top] = [8 + ((number * 11) % (width - 48)), 8 + ((number * 7) % (height - 48))];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const isPatch = x >= left && x < left + 32 && y >= top && y < top + 32;
      const shade = 96 + ((x + y * 2 + number * 13) % 96);
      data.set(isPatch ? COLOURS[colour] : [shade, shade, 224 - shade], (y * width + x) * 3);
    }
  }
  return { pixels: { width, height, data }, colour };
}

/** Writes questions, each with a picture of its own, as JSON lines. */
export async function writeQuestions(folder: string, count: number): Promise<WrittenQuestions> {
  await mkdir(path.join(folder, 'pictures'), { recursive: true });
  const images = new SharpImageStore();
  const lines: string[] = [];
  const ids: string[] = [];
  for (let number = 0; number < count; number++) {
    const { pixels, colour } = picture(number);
    const { bytes } = await images.encode(pixels, { lossless: true });
    const image = `pictures/${number}.png`;
    await writeFile(path.join(folder, image), bytes);
    const id = `q${number}`;
    ids.push(id);
    const question = `Question ${number}: What colour is the patch?`;
    lines.push(JSON.stringify({ id, image, question, answer: colour }));
  }
  images.dispose();
  const file = path.join(folder, 'questions.jsonl');
  await writeFile(file, `${lines.join('\n')}\n`);
  return { file, ids };
}
