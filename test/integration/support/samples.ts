// Pictures and records that tests make for themselves.
import { readFileSync } from 'node:fs';
import sharp from 'sharp';

/** A picture whose every region differs: a gradient over both axes. JPEG or PNG by the file's name. */
export async function writePicture(file: string, width: number, height: number): Promise<void> {
  const pixels = Buffer.alloc(width * height * 3);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = (y * width + x) * 3;
      pixels[at] = Math.round((255 * x) / width);
      pixels[at + 1] = Math.round((255 * y) / height);
      pixels[at + 2] = (x >> 4) % 2 === (y >> 4) % 2 ? 200 : 60;
    }
  }
  await sharp(pixels, { raw: { width, height, channels: 3 } }).toFile(file);
}

/** One line of an evaluation file taken from a real one, naming another image. */
export function lineWithImage(realFile: string, image: string): string {
  const [line] = readFileSync(realFile, 'utf8').split('\n');
  const record = JSON.parse(line ?? '') as Record<string, unknown>;
  return JSON.stringify({ ...record, image });
}
