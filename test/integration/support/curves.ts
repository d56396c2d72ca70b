// Training runs for the tests in the editor, written as their producers write them.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { DynamicsPage } from '../../../src/host/dynamics/dynamicsPage';
import type { DynamicsView, RunView } from '../../../src/protocol/dynamicsView';
import type { NamedCurve } from '../../support/curveFiles';

type Ready = Extract<DynamicsView, { status: 'ready' }>;

const ROLES = {
  zoomCount: 'agent/tool_call_mean',
  responseLength: 'response_length/mean',
  iou: 'grounding/iou_mean',
};

/** The curves of the DeepEyes paper by verl's keys. */
export function figureCurves(root: string): NamedCurve[] {
  const file = path.join(root, 'test/fixtures/deepeyes-figure3/curves.json');
  const curves = JSON.parse(readFileSync(file, 'utf8')) as Record<keyof typeof ROLES, number[]>;
  return Object.entries(ROLES).map(([role, key]) => ({ key, values: curves[role as keyof typeof ROLES] }));
}

/** A line of a log of rollouts, of any step. */
export function rolloutLine(root: string, step: number, which: number): string {
  const file = path.join(root, 'test/fixtures/rl-logging-board/released.jsonl');
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
  const record = JSON.parse(lines[which % lines.length] ?? '') as Record<string, unknown>;
  return `${JSON.stringify({ ...record, step })}\n`;
}

/** Writes a file, the folders above it included. */
export function write(file: string, content: string | Uint8Array): string {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, content);
  return file;
}

/** The view of a page, which must be ready. */
export function readyView({ document: { view } }: DynamicsPage): Ready {
  if (view.status === 'error') assert.fail(view.message);
  assert.ok(view.status === 'ready', view.status);
  return view;
}

/** Its only run. */
export function onlyRun(page: DynamicsPage): RunView {
  const { runs } = readyView(page);
  assert.equal(runs.length, 1, runs.map(({ name }) => name).join(', '));
  const [run] = runs;
  assert.ok(run);
  return run;
}
