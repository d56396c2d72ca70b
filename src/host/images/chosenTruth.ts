import { stat } from 'node:fs/promises';
import path from 'node:path';
import { readTruthFile } from '../../launch/truthFile';
import { TruthTable } from '../../launch/truthTable';
import type { ChosenBoxes } from './truthBoxes';

/** A file is looked at again after this long, in milliseconds. */
const FRESH = 2000;

/** The boxes of the chosen file, read once and again when it changes. */
export class ChosenTruth {
  private kept: { readonly key: string; readonly boxes: Promise<ChosenBoxes | undefined> } | undefined;
  private looked: { readonly file: string; readonly at: number } | undefined;

  /** @param file the path that is chosen now */
  constructor(private readonly file: () => string | undefined) {}

  /** Undefined where no file is chosen, or it can't be read. */
  async boxes(): Promise<ChosenBoxes | undefined> {
    const file = this.file();
    if (file === undefined) return undefined;
    const now = performance.now();
    const isFresh = this.looked?.file === file && now - this.looked.at < FRESH;
    if (isFresh && this.kept) return this.kept.boxes;
    const stats = await stat(file).catch(() => undefined);
    if (!stats) return undefined;
    this.looked = { file, at: now };
    const key = `${file} ${stats.size} ${stats.mtimeMs}`;
    if (this.kept?.key !== key) this.kept = { key, boxes: read(file) };
    return this.kept.boxes;
  }
}

async function read(file: string): Promise<ChosenBoxes | undefined> {
  try {
    const { entries } = await readTruthFile(file);
    return { name: path.basename(file), table: new TruthTable(entries) };
  } catch {
    // Whoever chose the file was told; one that broke since counts as one without boxes.
    return undefined;
  }
}
