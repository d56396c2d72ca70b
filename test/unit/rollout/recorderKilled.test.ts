import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const ROOT = path.join(__dirname, '../../..');
const SCRIPT = path.join(ROOT, 'test/support/recordUntilKilled.ts');

/** Runs the recording process, kills it some time after its first word, and returns all that it had said. */
function runAndKill(file: string, afterMilliseconds: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--import', 'tsx', SCRIPT, file], {
      cwd: ROOT,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let said = '';
    child.stdout.setEncoding('utf8');
    child.stdout.on('data', (chunk: string) => {
      if (said === '') setTimeout(() => child.kill('SIGKILL'), afterMilliseconds);
      said += chunk;
    });
    child.on('error', reject);
    child.on('close', (_code, signal) =>
      signal === 'SIGKILL' ? resolve(said) : reject(new Error('The recorder ended by itself.')),
    );
  });
}

describe('recorder, killed', () => {
  let folder = '';
  beforeEach(() => (folder = mkdtempSync(path.join(tmpdir(), 'imcot-killed-'))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('has in the file whatever it said is there, at five moments', async function () {
    this.timeout(60_000);
    for (let run = 0; run < 5; run++) {
      const file = path.join(folder, `${run}.imcot.jsonl`);
      const wait = 5 + Math.floor(Math.random() * 200);
      const said = (await runAndKill(file, wait)).split('\n').slice(0, -1);
      const written = readFileSync(file, 'utf8').split('\n').slice(0, -1);
      const events = new Set(
        written.map((line) => {
          const value = JSON.parse(line) as { t?: number; text?: string };
          return `${value.t} ${value.text?.split(' ')[0]}`;
        }),
      );
      assert.ok(said.length > 0);
      const lost = said.filter((event) => !events.has(event));
      assert.deepEqual(lost, [], `killed after ${wait} ms`);
    }
  });
});
