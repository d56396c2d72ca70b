import { readFileSync } from 'node:fs';
import path from 'node:path';

/** The path of a log by its real writer, under test/golden/logs. */
export function goldenLog(...parts: string[]): string {
  return path.join(__dirname, '..', 'golden', 'logs', ...parts);
}

/** A JSON file beside such logs. */
export function goldenJson(...parts: string[]): unknown {
  return JSON.parse(readFileSync(goldenLog(...parts), 'utf8')) as unknown;
}

/** The bytes of such a log. */
export function goldenBytes(...parts: string[]): Uint8Array {
  return Uint8Array.from(readFileSync(goldenLog(...parts)));
}
