import { readFileSync } from 'node:fs';
import path from 'node:path';

/** The path of a fixture's file. */
export function fixturePath(fixture: string, name: string): string {
  return path.join(__dirname, '..', 'fixtures', fixture, name);
}

/** What `expected.json` of a fixture says. */
export function readFixtureJson(fixture: string): unknown {
  return JSON.parse(readFileSync(fixturePath(fixture, 'expected.json'), 'utf8')) as unknown;
}
