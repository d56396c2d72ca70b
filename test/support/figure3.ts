import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { StageCurve } from '../../src/analysis/stages/stageCurve';

const FILE = path.join(__dirname, '../fixtures/deepeyes-figure3/curves.json');
const ROLES = ['zoomCount', 'responseLength', 'iou'] as const;

/** The training dynamics of the DeepEyes paper: 80 steps, and where its authors draw the lines between stages. */
export function figure3(): { readonly curves: readonly StageCurve[]; readonly lines: readonly number[] } {
  const file = JSON.parse(readFileSync(FILE, 'utf8')) as Record<(typeof ROLES)[number] | 'lines', number[]>;
  const curves = ROLES.map((concept) => ({
    concept,
    steps: file[concept].map((_, step) => step),
    values: file[concept],
  }));
  return { curves, lines: file.lines };
}
