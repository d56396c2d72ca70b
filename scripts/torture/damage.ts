import { metricRows } from '../../test/support/readMetrics';
import { checkCut, checkRandomDamage, KNOWN_FILES } from '../../test/support/damagedMetrics';
import { makeDatabase, readDatabase } from '../../test/support/metricDatabases';
import { seeded } from '../../test/support/mutations';

/** Rows of the files that are cut at every byte: some 2 to 16 KB. */
const SMALL = 28;
/** Rows of those that are cut and flipped at random. */
const LARGE = 400;

/** Cuts and flips files of every metric format. @returns what went wrong, a sentence each */
export async function tortureDamage(
  rounds: number,
  seed: number,
  onRound: (line: string) => void,
): Promise<string[]> {
  const problems: string[] = [];
  const attempt = async (task: () => Promise<void>): Promise<void> => {
    try {
      await task();
    } catch (thrown) {
      problems.push(thrown instanceof Error ? thrown.message : String(thrown));
    }
  };
  for (const [name, make] of Object.entries(KNOWN_FILES)) {
    const small = make(SMALL);
    for (let length = 0; length <= small.bytes.length; length++)
      await attempt(() => checkCut(small, length, 1 + (length % 997)));
    await attempt(() => checkRandomDamage(make(LARGE), rounds, seed));
    onRound(`${name}: cut at each of ${small.bytes.length} bytes, ${rounds} random cuts and flips`);
  }
  await attempt(() => databases(rounds, seed, onRound));
  return problems;
}

const ROWS = 40;

/** A database gives what SQLite still finds: a subset, and never a number that was not there when it is only cut. */
async function databases(rounds: number, seed: number, onRound: (line: string) => void): Promise<void> {
  const whole = await makeDatabase(
    'PRAGMA page_size = 512',
    'CREATE TABLE metrics (id INTEGER PRIMARY KEY, timestamp TEXT, run_name TEXT, step INTEGER, metrics TEXT)',
    `INSERT INTO metrics WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < ${ROWS})
      SELECT x, '2026-03-02T19:05:36Z', 'a', x, '{"x": ' || x || '}' FROM c`,
  );
  for (let length = 0; length < whole.length; length++) {
    const { runs } = await readDatabase(whole.subarray(0, length));
    for (const [step, values] of metricRows(runs[0]))
      if (values['x'] !== step) throw new Error(`A database cut at ${length} has another number at ${step}.`);
  }
  const random = seeded(seed);
  for (let round = 0; round < rounds; round++) {
    const bytes = whole.slice();
    for (let flips = random(4); flips >= 0; flips--) {
      const at = random(bytes.length);
      bytes[at] = (bytes[at] ?? 0) ^ (1 << random(8));
    }
    await readDatabase(bytes);
  }
  onRound(`trackio database: cut at each of ${whole.length} bytes, ${rounds} random flips`);
}
