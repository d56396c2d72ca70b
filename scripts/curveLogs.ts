// The run behind the pictures of the curves: those of the DeepEyes paper, with rollouts that are made up to fit them.
// Usage: tsx scripts/curveLogs.ts FOLDER. Writes FOLDER/deepeyes-7b.log and FOLDER/rollouts.imcot.jsonl.
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { zoomRun } from '../test/support/zoomRun';

/** Rollouts of a step: a small batch's. */
const PER_STEP = 64;

const [folder = '.'] = process.argv.slice(2);
const { log, rollouts } = zoomRun(PER_STEP);
writeFileSync(path.join(folder, 'deepeyes-7b.log'), log);
writeFileSync(path.join(folder, 'rollouts.imcot.jsonl'), rollouts);
