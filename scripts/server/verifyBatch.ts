import { randomBytes } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { seededNumbers } from '../../src/inference/randomNumbers';
import { type CallingProxy, startCallingProxy } from './callingProxy';
import { type BatchRun, runBatch } from './killedBatch';
import { type LoggedBatch, readBatch } from './loggedBatch';
import { writeQuestions } from './questions';

/** What is to be verified, and where it is told. */
export interface VerifiedBatch {
  readonly server: { readonly address: string; readonly model: string };
  /** A folder for everything that is written. */
  readonly work: string;
  /** The built command line. */
  readonly cli: string;
  readonly questions: number;
  readonly samples: number;
  readonly seed: number;
  readonly check: (name: string, good: boolean, figures?: string) => void;
  readonly say: (line: string) => void;
}

const CONCURRENCY = 8;
const MAX_TOKENS = 12;
const KILLS = 2;
/** Rollouts that ended in a way of their own. */
const OWN_ENDS = ['finished', 'length', 'turnLimit'];

/** Everything that is there once the batch is over. */
interface Played {
  readonly batch: LoggedBatch;
  readonly runs: readonly BatchRun[];
  readonly proxy: CallingProxy;
  readonly ids: readonly string[];
  readonly key: string;
  readonly folder: string;
}

/** Plays the batch through the command line with two kills, and checks what is in its file and what the server saw. */
export async function verifyBatch(options: VerifiedBatch): Promise<void> {
  const { questions, samples, seed, say, server, work } = options;
  const folder = path.join(work, 'batch');
  const key = `sk-${randomBytes(24).toString('base64url')}`;
  const written = await writeQuestions(folder, questions);
  const proxy = await startCallingProxy(server.address, key);
  say(`batch: ${questions} questions x ${samples}, ${CONCURRENCY} at a time, seed of the kills ${seed}`);
  try {
    const out = path.join(folder, 'batch.imcot.jsonl');
    const words = [options.cli, 'run', '--questions', written.file, '--n', String(samples)];
    words.push('--server', proxy.address, '--model', server.model, '--out', out);
    words.push('--max-tokens', String(MAX_TOKENS), '--concurrency', String(CONCURRENCY), '--seed', '1');
    const command = {
      words,
      cwd: folder,
      env: { ...process.env, IMCOT_SERVER_KEY: key },
      logFile: path.join(folder, 'printed.txt'),
    };
    const runs = await runWithKills(command, proxy, options);
    const ids = written.ids.flatMap((id) => Array.from({ length: samples }, (_, at) => `${id}.${at}`));
    const played = { batch: await readBatch(out), runs, proxy, ids, key, folder };
    checkRuns(played, options);
    checkRollouts(played, options);
    checkCalls(played, options);
    await checkServerSide(played, options);
    tell(played, say);
  } finally {
    await proxy.close();
  }
}

/** Each kill comes after a random share of what is left, at a random moment. */
async function runWithKills(
  command: Parameters<typeof runBatch>[0],
  proxy: CallingProxy,
  { questions, samples, seed, say }: VerifiedBatch,
): Promise<BatchRun[]> {
  const random = seededNumbers(seed);
  const total = questions * samples;
  const runs: BatchRun[] = [];
  for (let kill = 0; kill < KILLS; kill++) {
    const share = (kill + 0.2 + 0.6 * random.uniform()) / (KILLS + 1);
    const after = Math.max(1, Math.floor(total * share));
    const pause = 300 * random.uniform();
    let since: number | undefined;
    const shallDie = (): boolean => {
      if (proxy.counts.answered >= after) since ??= performance.now();
      return since !== undefined && performance.now() - since >= pause;
    };
    const run = await runBatch(command, shallDie);
    runs.push(run);
    const how = run.exitCode === undefined ? 'killed' : 'ended by itself';
    say(`${how} after ${proxy.counts.answered} answers and ${run.seconds.toFixed(1)} s`);
  }
  runs.push(await runBatch(command, () => false));
  return runs;
}

function checkRuns({ runs }: Played, { check }: VerifiedBatch): void {
  const killed = runs.slice(0, -1).filter(({ exitCode }) => exitCode === undefined).length;
  check('the command was killed in the middle', killed === KILLS, `${killed} of ${KILLS} times`);
  const code = runs.at(-1)?.exitCode;
  check('the last run ended by itself', code === 0, `exit code ${code ?? 'none'}`);
}

function checkRollouts({ batch, ids, proxy }: Played, { check, samples }: VerifiedBatch): void {
  const ended = batch.rollouts.filter(({ end }) => end !== undefined && OWN_ENDS.includes(end));
  const times = new Map<string, number>();
  for (const { id } of ended) times.set(id, (times.get(id) ?? 0) + 1);
  const once = ids.filter((id) => times.get(id) === 1).length;
  const foreign = [...times.keys()].filter((id) => !ids.includes(id)).length;
  check('every rollout ended', ended.length === ids.length, `${ended.length} of ${ids.length}`);
  check(
    'each one once',
    once === ids.length && foreign === 0,
    `${once} once, ${foreign} that nobody asked for`,
  );
  const others = batch.rollouts.filter((rollout) => !ended.includes(rollout));
  const stopped = others.filter(
    ({ end, reason }) => end === 'cancelled' && /^Interrupted/.test(reason ?? ''),
  );
  check(
    'all others were interrupted by a kill, and say so',
    stopped.length === others.length && others.length <= KILLS * CONCURRENCY,
    `${stopped.length} of ${others.length}`,
  );
  const { begun } = proxy.counts;
  check(
    'nothing was played twice but what a kill interrupted',
    begun >= ids.length && begun <= ids.length + others.length,
    `${begun} begun, ${ids.length} wanted, ${others.length} interrupted`,
  );
  const groups = new Map<string, number>();
  for (const { group } of ended) groups.set(group, (groups.get(group) ?? 0) + 1);
  const whole = [...groups.values()].filter((size) => size === samples).length;
  check(
    'the rollouts of a question are one group',
    samples === 1 || (groups.size === ids.length / samples && whole === groups.size),
    `${whole} groups of ${samples}`,
  );
  check(
    'no line is damaged but those that a kill tore',
    batch.torn.length <= KILLS,
    `${batch.torn.length} torn of ${batch.lines}`,
  );
}

function checkCalls({ batch, proxy }: Played, { check }: VerifiedBatch): void {
  const ended = batch.rollouts.filter(({ end }) => end !== undefined && OWN_ENDS.includes(end));
  const called = ended.filter(({ calls }) => calls.length > 0);
  const cropped = called.filter(({ crops }) => crops > 0);
  check(
    'every rollout with a scripted call has a crop',
    called.length > 0 && cropped.length === called.length,
    `${cropped.length} of ${called.length}`,
  );
  // What the last turn's call brings is dropped, as in training.
  const short = called.filter(
    ({ calls, crops, end }) => crops !== calls.length - (end === 'turnLimit' ? 1 : 0),
  );
  check('a crop for each call', short.length === 0, `${short.length} rollouts with another number`);
  const idle = ended.filter(({ calls, crops }) => calls.length === 0 && crops > 0).length;
  check('no crop without a call', idle === 0, `${idle}`);
  const serials = batch.rollouts.flatMap(({ calls }) => calls);
  const known = serials.every((serial) => proxy.counts.calls.has(serial));
  check('no call twice', known && new Set(serials).size === serials.length, `${serials.length} calls`);
  const sent = [...proxy.counts.calls].flatMap(([serial, whole]) => (whole ? [serial] : []));
  const lost = sent.filter((serial) => !serials.includes(serial)).length;
  check(
    'every call that was sent whole is in the file, but for those in flight when a kill came',
    lost <= KILLS * CONCURRENCY,
    `${sent.length - lost} of ${sent.length}`,
  );
}

async function checkServerSide(
  { batch, proxy, key, folder }: Played,
  { check, questions }: VerifiedBatch,
): Promise<void> {
  const { counts } = proxy;
  const crops = batch.rollouts.reduce((sum, rollout) => sum + rollout.crops, 0);
  check(
    'the server saw the pictures, as PNG in data URLs',
    counts.differentPictures.size > questions &&
      counts.pictures >= counts.asked + crops - KILLS * CONCURRENCY,
    `${counts.pictures} in ${counts.asked} requests, ${counts.differentPictures.size} different ones`,
  );
  check(
    'never more requests at a time than allowed',
    counts.mostOpen <= CONCURRENCY && counts.mostOpen > 1,
    `${counts.mostOpen} at most, ${CONCURRENCY} allowed`,
  );
  check('every request brought the key', counts.withoutKey === 0, `${counts.withoutKey} without`);
  const files = await filesBelow(folder);
  const spellings = [key, encodeURIComponent(key), Buffer.from(key).toString('base64').replace(/=+$/, '')];
  const holding: string[] = [];
  for (const file of files) {
    const bytes = await readFile(file);
    if (spellings.some((spelling) => bytes.includes(spelling))) holding.push(file);
  }
  check(
    'the key is in no file and in nothing that was printed',
    holding.length === 0,
    `${files.length} files read`,
  );
  check(
    'nothing else went wrong on the way',
    counts.faults.length === 0,
    counts.faults.slice(0, 3).join(' '),
  );
}

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.path, entry.name));
}

function tell({ batch, runs, proxy }: Played, say: (line: string) => void): void {
  const ends = new Map<string, number>();
  for (const { end = 'none' } of batch.rollouts) ends.set(end, (ends.get(end) ?? 0) + 1);
  const seconds = runs.reduce((sum, run) => sum + run.seconds, 0);
  const { answered, asked, headers } = proxy.counts;
  say(`ends: ${[...ends].map(([end, count]) => `${end} ${count}`).join(', ')}`);
  say(`headers of the requests: ${[...headers].sort().join(', ')}`);
  say(`${asked} requests, ${answered} whole answers, ${(answered / seconds).toFixed(1)} a second`);
  say(
    `${runs.length} runs, ${seconds.toFixed(0)} s: ${runs.map((run) => run.seconds.toFixed(1)).join(', ')}`,
  );
}
