/*
 * npm run verify:server [-- --questions N --samples N --seed N --record]: plays a batch of rollouts on a real server
 * (`transformers serve` with the checkpoint of random weights in test/golden), kills the command twice, goes on, and looks
 * at everything that came of it. Needs Python 3.11; what it needs beyond that it installs into the user's cache folder.
 * Ends with 1 when a check fails, with 2 when the server can't be had: skipped is not passed.
 * --record also writes the answers that the tests replay (test/fixtures/servers).
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { errorMessage } from '../src/common/errors';
import { compareAnswers } from './server/compareAnswers';
import { type ModelServer, startModelServer } from './server/modelServer';
import { NoPython, pythonEnvironment } from './lib/pythonEnvironment';
import { recordAnswers } from './server/recordAnswers';
import { verifyBatch } from './server/verifyBatch';

const ROOT = path.join(__dirname, '..');
const CHECKPOINT = path.join(ROOT, 'test', 'golden', 'qwen2_5_vl', 'checkpoint');
const FIXTURES = path.join(ROOT, 'test', 'fixtures', 'servers');
const COMPARED_TOKENS = 64;

const say = (line: string): void => void process.stdout.write(`${line}\n`);

/** A line per check. */
class Checks {
  failed = 0;
  passed = 0;

  readonly check = (name: string, good: boolean, figures = ''): void => {
    if (good) this.passed++;
    else this.failed++;
    say(`${good ? 'ok    ' : 'FAILED'} ${name}${figures === '' ? '' : `: ${figures}`}`);
  };
}

async function withServer(work: string, task: (server: ModelServer) => Promise<void>): Promise<void> {
  const { python, folder, fresh } = await pythonEnvironment(
    'verify-server',
    path.join(ROOT, 'scripts', 'server', 'requirements.txt'),
    say,
  );
  say(`Python environment: ${folder}${fresh ? ', made now' : ''}`);
  const begin = performance.now();
  const logFile = path.join(work, 'server.log');
  const server = await startModelServer({ python, checkpoint: CHECKPOINT, workFolder: work, logFile });
  say(`transformers serve answers after ${((performance.now() - begin) / 1000).toFixed(1)} s`);
  try {
    await task(server);
  } finally {
    await server.stop();
  }
}

async function compare(server: ModelServer, work: string, { check }: Checks): Promise<void> {
  const cache = path.join(work, 'cache');
  for (const answer of await compareAnswers(server, CHECKPOINT, cache, COMPARED_TOKENS)) {
    const { name, tokens, same, server: there, local } = answer;
    check(`server and local model say the same, ${tokens} tokens at temperature 0, ${name}`, same);
    say(`       server ${JSON.stringify(there.slice(0, 60))}`);
    if (!same) say(`       local  ${JSON.stringify(local.slice(0, 60))}`);
  }
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      questions: { type: 'string', default: '64' },
      samples: { type: 'string', default: '8' },
      seed: { type: 'string', default: String(Date.now() % 100_000) },
      record: { type: 'boolean', default: false },
    },
  });
  const [questions, samples, seed] = [values.questions, values.samples, values.seed].map(Number);
  const work = await mkdtemp(path.join(tmpdir(), 'imcot-server-'));
  const checks = new Checks();
  let kept = false;
  try {
    await withServer(work, async (server) => {
      await compare(server, work, checks);
      if (values.record) say(`recorded: ${(await recordAnswers(server, FIXTURES)).join(', ')}`);
      await verifyBatch({
        server,
        work,
        cli: path.join(ROOT, 'dist', 'cli.js'),
        questions: questions ?? 0,
        samples: samples ?? 0,
        seed: seed ?? 0,
        check: checks.check,
        say,
      });
    });
    kept = checks.failed > 0;
  } catch (thrown) {
    if (thrown instanceof NoPython) {
      say(`SKIPPED, which is not passed: ${thrown.message}`);
      return 2;
    }
    kept = true;
    throw thrown;
  } finally {
    if (kept) say(`Its files are left in ${work}`);
    else await rm(work, { recursive: true, force: true });
  }
  say(`${checks.passed} checks passed, ${checks.failed} failed`);
  return checks.failed === 0 && checks.passed > 0 ? 0 : 1;
}

main().then(
  // The runtime's own threads would keep the process.
  (code) => process.exit(code),
  (thrown: unknown) => {
    process.stderr.write(`${errorMessage(thrown)}\n`);
    process.exit(1);
  },
);
