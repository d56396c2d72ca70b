import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import sharp from 'sharp';
import type { RgbImage } from '../../src/imaging/imageStore';

/** Our own small pictures and the values that Pillow, qwen-vl-utils and transformers gave for them. */
export const GOLDEN_FOLDER = path.join(__dirname, '../fixtures/golden-images');

export function goldenPath(name: string): string {
  return path.join(GOLDEN_FOLDER, name);
}

export function readGolden(name: string): unknown {
  return JSON.parse(readFileSync(goldenPath(name), 'utf8'));
}

/** Pixels of a picture, in a file or in memory, without alpha and orientation, by the shortest way. */
export async function plainRgb(file: string | Uint8Array): Promise<RgbImage> {
  const { data, info } = await sharp(file).raw().toBuffer({ resolveWithObject: true });
  if (info.channels !== 3)
    throw new Error(`${typeof file === 'string' ? file : 'it'} has ${info.channels} channels`);
  return { width: info.width, height: info.height, data };
}

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** A picture in which each pixel differs from its neighbours. */
export function patternImage(width: number, height: number): RgbImage {
  const data = new Uint8Array(width * height * 3);
  for (let at = 0; at < data.length; at++) data[at] = (at * 37 + Math.floor(at / 7) * 11) % 256;
  return { width, height, data };
}
