import { readFileSync } from 'node:fs';
import path from 'node:path';

const FOLDER = path.join(__dirname, '../golden/pillow_modes');

/** A picture of every kind that Pillow reads, made by `makeModes.py` beside them. */
export function modePath(name: string): string {
  return path.join(FOLDER, name);
}

/** What Pillow makes of the pictures. */
export function readModes(): unknown {
  return JSON.parse(readFileSync(modePath('modes.json'), 'utf8'));
}
