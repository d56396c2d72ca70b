import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Checkpoint } from '../../../../../../src/inference/onnx/checkpoint/checkpoint';
import type { QuantiseOptions } from '../../../../../../src/inference/onnx/quantise/quantisedWeights';
import { UNEVEN, writeCheckpoint, type SmallShape } from './smallCheckpoint';

/** A folder for one test with a place for checkpoints and a cache that is not there yet. */
export class CacheFixture {
  readonly root = mkdtempSync(path.join(tmpdir(), 'imcot-quantise-'));
  readonly cache = path.join(this.root, 'cache');

  checkpoint(shape: Partial<SmallShape> = {}, seed = 1): Checkpoint {
    return writeCheckpoint(this.root, { ...UNEVEN, ...shape }, seed);
  }

  options(more: Partial<QuantiseOptions> = {}): QuantiseOptions {
    const identity = async (): Promise<string> => 'one';
    return { bits: 4, cacheFolder: this.cache, maxCacheBytes: 1e9, identity, ...more };
  }

  /** Names in the cache folder. */
  get names(): string[] {
    return readdirSync(this.cache).sort();
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}
