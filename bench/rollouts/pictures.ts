import path from 'node:path';
import sharp from 'sharp';

/**
 * Writes a picture with an edge or a shade everywhere, as a photograph has.
 * @param folder it is made in
 * @returns its path
 */
export async function writePicture(folder: string, width: number, height: number): Promise<string> {
  const data = Buffer.alloc(width * height * 3);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = (y * width + x) * 3;
      data[at] = Math.round((255 * x) / width);
      data[at + 1] = Math.round((255 * y) / height);
      data[at + 2] = ((x >> 5) + (y >> 5)) % 2 === 0 ? 210 : 50;
    }
  }
  const file = path.join(folder, `${width}x${height}.jpg`);
  await sharp(data, { raw: { width, height, channels: 3 } }).toFile(file);
  return file;
}
