import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { readLoggedRollouts } from '../../../src/launch/batchLog';
import { streamRecords } from '../../../src/files/streamRecords';
import type { LogLine } from './support/batches';
import { endings, writePicture } from './support/batches';

const ROOT = path.join(__dirname, '../../..');
const SCRIPT = path.join(ROOT, 'test/support/playBatchUntilKilled.ts');
const [QUESTIONS, SAMPLES, AT_A_TIME] = [64, 8, 8];

interface Run {
  readonly said: readonly string[];
  readonly killed: boolean;
}

/** Runs the batch; with a time, kills it that long after the first rollout that ended. */
function run(file: string, questions: string, killAfter?: number): Promise<Run> {
  const args = ['--import', 'tsx', SCRIPT, file, questions, String(SAMPLES), String(AT_A_TIME)];
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'inherit'] });
    let said = '';
    child.stdout.setEncoding('utf8');
    child.stdout.on('data', (chunk: string) => {
      if (said === '' && killAfter !== undefined) setTimeout(() => child.kill('SIGKILL'), killAfter);
      said += chunk;
    });
    child.on('error', reject);
    child.on('close', (_code, signal) =>
      resolve({ said: said.split('\n').slice(0, -1), killed: signal === 'SIGKILL' }),
    );
  });
}

/** The first pictures stand in several questions, and two questions are the same in text and picture. */
function writeQuestions(folder: string): string {
  const pictures = [0, 1, 2, 3].map((index) =>
    path.basename(writePicture(folder, `${index}.png`, 40 * index)),
  );
  const lines = Array.from({ length: QUESTIONS }, (_, index) => {
    const question = `What colour is thing ${index === 40 ? 0 : index}?`;
    return JSON.stringify({ image: pictures[index % 4], question, answer: 'red' });
  });
  const file = path.join(folder, 'questions.jsonl');
  writeFileSync(file, `${lines.join('\n')}\n`);
  return file;
}

describe('batch, killed', () => {
  let folder = '';
  beforeEach(() => (folder = mkdtempSync(path.join(tmpdir(), 'imcot-batch-killed-'))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('goes on at five moments, and has every rollout once', async function () {
    this.timeout(180_000);
    const questions = writeQuestions(folder);
    const file = path.join(folder, 'run.imcot.jsonl');
    const told = new Set<string>();
    let kills = 0;
    for (let round = 0; round < 5; round++) {
      const wait = Math.floor(Math.random() * 250);
      const { said, killed } = await run(file, questions, wait);
      if (killed) kills++;
      for (const line of said.filter((each) => each.endsWith(' finished'))) {
        assert.ok(!told.has(line), `${line}: told twice, after ${wait} ms`);
        told.add(line);
      }
    }
    assert.ok(kills > 0, 'at least one run was killed before its end');
    const last = await run(file, questions);
    assert.equal(last.said.at(-1), 'done 512 of 512');
    const ids = await endedIds(file);
    assert.equal(ids.length, QUESTIONS * SAMPLES);
    assert.equal(new Set(ids).size, QUESTIONS * SAMPLES);
    const missing = [...told].filter((line) => !ids.includes(line.replace(' finished', '')));
    assert.deepEqual(missing, [], 'whatever was told to have ended has');
    await everythingReads(file);
    const again = await run(file, questions);
    assert.deepEqual(again.said, ['done 512 of 512'], 'nothing is left to play');
  });
});

/** Names of the rollouts that came to an end of their own, by a reader that knows nothing of resuming. */
async function endedIds(file: string): Promise<readonly string[]> {
  const lines = readFileSync(file, 'utf8').split('\n').slice(0, -1);
  const events = lines.flatMap((line): LogLine[] => {
    try {
      return [JSON.parse(line) as LogLine];
    } catch {
      return [];
    }
  });
  const all = endings(events);
  const open = all.filter(({ end }) => end === undefined);
  assert.deepEqual(open, [], 'what was interrupted is closed');
  return Promise.resolve(all.filter(({ end }) => end === 'finished').map(({ id }) => id));
}

/** The project's own reader sees the same, each in its group and with its score. */
async function everythingReads(file: string): Promise<void> {
  const groups = new Map<string, number>();
  for await (const record of streamRecords(file)) {
    // A line that a kill tore is a record of its own where it names no trajectory.
    if (record.status !== 'ok' || record.trajectory.outcome.status !== 'finished') continue;
    const { group, verdict, id } = record.trajectory;
    assert.equal(verdict?.correct, true, `${id} is scored`);
    const key = group?.key ?? '';
    groups.set(key, (groups.get(key) ?? 0) + 1);
  }
  assert.equal(groups.size, QUESTIONS);
  assert.ok([...groups.values()].every((count) => count === SAMPLES));
  assert.ok(
    [...groups.keys()].some((key) => groups.has(`${key}-1`)),
    'the same question twice',
  );
  const { interrupted, unscored } = await readLoggedRollouts(file);
  assert.deepEqual({ interrupted, unscored }, { interrupted: [], unscored: [] });
}
