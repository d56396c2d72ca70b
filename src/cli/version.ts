import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** The version in the nearest package.json above this file: the bundle and the sources lie at different depths. */
export function productVersion(): string {
  for (let folder = __dirname; ; folder = path.dirname(folder)) {
    const file = path.join(folder, 'package.json');
    if (existsSync(file)) {
      const manifest = JSON.parse(readFileSync(file, 'utf8')) as { version?: unknown };
      return typeof manifest.version === 'string' ? manifest.version : 'unknown';
    }
    if (folder === path.dirname(folder)) return 'unknown';
  }
}
