import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { ImcotRun } from '../../support/imcot';
import { ROOT } from '../../support/imcot';

export const CHECKPOINT = path.join(ROOT, 'test/golden/qwen2_5_vl/checkpoint');
export const SCENE = path.join(ROOT, 'test/golden/qwen2_5_vl/images/scene.png');

/** A line of a log. */
export interface LogLine {
  readonly t?: number;
  readonly event?: string;
  readonly [name: string]: unknown;
}

export const parseLines = (text: string): LogLine[] =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as LogLine);

/** The same without times: of events, and of the head. */
export const timeless = (text: string): LogLine[] =>
  parseLines(text).map(({ at: _at, created: _created, ...rest }) => rest);

/** A folder that is gone after the test. */
export class Scratch {
  private folder = '';

  async open(): Promise<void> {
    this.folder = await mkdtemp(path.join(os.tmpdir(), 'run-'));
  }

  async close(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }

  at(name: string): string {
    return path.join(this.folder, name);
  }

  read(name: string): Promise<string> {
    return readFile(this.at(name), 'utf8');
  }

  /** A file of questions about the scene. */
  async questions(...texts: string[]): Promise<string> {
    const file = this.at('questions.jsonl');
    const lines = texts.map((question) => JSON.stringify({ image: SCENE, question, answer: 'yes' }));
    await writeFile(file, `${lines.join('\n')}\n`);
    return file;
  }
}

/** For a test's message: what a run printed. */
export const shown = ({ code, out, err }: ImcotRun): string => `exit ${code}\n${out}\n${err}`;
