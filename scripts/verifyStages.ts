/*
 * npm run verify:stages -- <folders...>: finds the stages of made runs whose truth is known. Each folder holds one CSV per
 * run (step, agent/tool_call_mean, response_length/mean, grounding/iou; a column may be missing) and truth.json, which
 * names each file's kind, length and boundaries, or null. Ends with 1 when stages show in more than 1 % of the runs that
 * have none, when both boundaries are within 6 % of the length in fewer than 92 % of those that do, or without runs.
 */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { findStages } from '../src/analysis/stages/findStages';
import type { StageCurve, StageRole } from '../src/analysis/stages/stageCurve';

interface Truth {
  readonly kind: string;
  readonly boundaries: readonly number[] | null;
  readonly length: number;
}

const COLUMNS: Readonly<Record<string, StageRole>> = {
  'agent/tool_call_mean': 'zoomCount',
  'response_length/mean': 'responseLength',
  'grounding/iou': 'iou',
};

const say = (line: string): void => void process.stdout.write(`${line}\n`);

function readCurves(file: string): StageCurve[] {
  const [head = [], ...rows] = readFileSync(file, 'utf8')
    .trim()
    .split(/\r?\n/)
    .map((line) => line.split(','));
  const steps = rows.map((row) => Number(row[head.indexOf('step')]));
  return head.flatMap((name, column) => {
    const concept = COLUMNS[name];
    return concept ? [{ concept, steps, values: rows.map((row) => Number(row[column])) }] : [];
  });
}

function verify(folder: string): boolean {
  const truth = JSON.parse(readFileSync(path.join(folder, 'truth.json'), 'utf8')) as Record<string, Truth>;
  const files = readdirSync(folder).filter((name) => name in truth);
  let [staged, shown, near, others, wrong, claimedSoFar, milliseconds] = [0, 0, 0, 0, 0, 0, 0];
  const covered = [0, 0];
  for (const name of files) {
    const { boundaries, length, kind } = truth[name] as Truth;
    const curves = readCurves(path.join(folder, name));
    const started = process.cpuUsage();
    const report = findStages(curves);
    const used = process.cpuUsage(started);
    milliseconds += (used.user + used.system) / 1000;
    const found = report.boundaries.length === 2 ? report.boundaries : undefined;
    if (boundaries === null) {
      others++;
      if (report.status === 'stage 2 so far') claimedSoFar++;
      if (!found) continue;
      wrong++;
      say(`  ${name} (${kind}): stages shown. ${report.reason}`);
      continue;
    }
    staged++;
    if (!found) continue;
    shown++;
    if (found.every(({ step }, at) => Math.abs(step - (boundaries[at] ?? NaN)) <= 0.06 * length)) near++;
    found.forEach(({ interval }, at) => {
      const wanted = boundaries[at] ?? NaN;
      if (wanted >= interval[0] && wanted <= interval[1]) covered[at] = (covered[at] ?? 0) + 1;
    });
  }
  const share = (part: number, whole: number): string => `${((100 * part) / whole).toFixed(1)} %`;
  say(
    `${folder}: both boundaries within 6 % in ${near} of ${staged} (${share(near, staged)}), shown in ${shown}; ` +
      `wrongly shown in ${wrong} of ${others} (${share(wrong, others)}), "stage 2 so far" in ${claimedSoFar}; ` +
      `intervals hold the truth in ${covered.map((count) => share(count, shown)).join(' and ')}; ` +
      `${(milliseconds / files.length).toFixed(1)} ms of processor time per run`,
  );
  return staged > 0 && others > 0 && near >= 0.92 * staged && wrong <= 0.01 * others;
}

const folders = process.argv.slice(2);
if (folders.length === 0) say('Name one or more folders with made runs and their truth.json.');
const good = folders.map(verify);
process.exitCode = good.length > 0 && good.every(Boolean) ? 0 : 1;
