// The page docs/benchmarks.md, from the results that the benchmarks hand over (bench/harness.ts has their shape).
import os from 'node:os';

const RESULT_MARK = '@@BENCH ';

/**
 * The results in what a benchmark printed.
 * @param {string} output
 */
export function readResults(output) {
  const lines = output.split('\n').filter((line) => line.startsWith(RESULT_MARK));
  return lines.map((line) => JSON.parse(line.slice(RESULT_MARK.length)));
}

const number = (value) => (Math.abs(value) >= 100 ? value.toFixed(0) : value.toPrecision(3));

/** True when a ratio or figure keeps its limit; those without one always do. */
export function isKept(value, limit) {
  if (!limit) return true;
  return 'atLeast' in limit ? value >= limit.atLeast : value <= limit.atMost;
}

function limitText(value, limit) {
  if (!limit) return '';
  const bound = 'atLeast' in limit ? `at least ${limit.atLeast}` : `at most ${limit.atMost}`;
  return `${bound}: ${isKept(value, limit) ? 'kept' : 'NOT kept'}`;
}

function table(head, rows) {
  if (rows.length === 0) return [];
  const line = (cells) => `| ${cells.join(' | ')} |`;
  return ['', line(head), line(head.map(() => '---')), ...rows.map(line)];
}

function section(result) {
  const { name, how, measurements, ratios, limits = [] } = result;
  return [
    `## ${name}`,
    '',
    ...how.map((sentence) => `- ${sentence}`),
    ...table(
      ['ratio', 'value', 'limit'],
      ratios.map((r) => [r.what, number(r.value), limitText(r.value, r.limit)]),
    ),
    ...table(
      ['figure', 'value', 'limit'],
      limits.map((l) => [l.what, `${number(l.value)} ${l.unit}`, limitText(l.value, l)]),
    ),
    ...table(
      ['measured', 'value'],
      measurements.map((m) => [m.what, `${number(m.value)} ${m.unit}`]),
    ),
    '',
  ];
}

/** The limits that were not kept, one line each. */
export function brokenLimits(results) {
  return results.flatMap(({ name, ratios, limits = [] }) => [
    ...ratios
      .filter((r) => !isKept(r.value, r.limit))
      .map((r) => `${name}: ${r.what} is ${number(r.value)}, ${limitText(r.value, r.limit)}`),
    ...limits
      .filter((l) => !isKept(l.value, l))
      .map((l) => `${name}: ${l.what} is ${number(l.value)} ${l.unit}, ${limitText(l.value, l)}`),
  ]);
}

const machine = () => {
  const memory = Math.round(os.totalmem() / 2 ** 30);
  return `Machine: ${os.availableParallelism()} cores, ${memory} GiB, ${os.platform()} ${os.arch()}, Node ${process.versions.node}.`;
};

/** The whole page. Absolute paths have no place in it. */
export function benchPage(results) {
  return [
    '# Benchmarks',
    '',
    'Written by `npm run bench`; do not edit. Ratios compare figures of the same run and hold better than times.',
    '',
    machine(),
    '',
    ...results.flatMap(section),
  ].join('\n');
}

/**
 * A page with some of its sections measured anew, each in its place, new ones at the end; the others stay as they are.
 * @param {string} page
 * @returns {string | undefined} undefined for a page of another machine, beside whose figures new ones would mislead
 */
export function withSections(page, results) {
  if (!page.split('\n').includes(machine())) return undefined;
  const [head, ...sections] = page.split(/^(?=## )/m);
  for (const result of results) {
    const text = section(result).join('\n');
    const at = sections.findIndex((known) => known.startsWith(`## ${result.name}\n`));
    if (at < 0) sections.push(text);
    else sections[at] = text;
  }
  const apart = (text) => `${text.trimEnd()}\n`;
  return [head, ...sections].map(apart).join('\n');
}
