import { availableParallelism } from 'node:os';
import path from 'node:path';
import { silentLogger } from '../../src/common/logger';
import { startInferenceProcess } from '../../src/inference/onnx/process/inferenceProcess';
import { lagDuring } from '../eventLoopLag';
import type { BenchResult } from '../harness';
import { ROOT } from '../programs';
import { promptIds } from './answers';
import { CHECKPOINT, CONTEXT_LENGTH, QUANTISED } from './model';

const TOKENS = 200;
const PROMPT = 512;

/** How late the event loop of the process that uses a model gets its turns while the model loads and generates. */
export async function benchHostLag(): Promise<BenchResult> {
  const workerPath = path.join(ROOT, 'dist/inferenceWorker.js');
  const worker = startInferenceProcess({ workerPath, logger: silentLogger });
  const { signal } = new AbortController();
  try {
    const idle = await lagDuring(() => new Promise((resolve) => setTimeout(resolve, 3000)));
    let opened: Awaited<ReturnType<typeof worker.open>> | undefined;
    const loading = await lagDuring(async () => {
      opened = await worker.open(
        {
          folder: CHECKPOINT,
          provider: 'cpu',
          precision: 'full',
          contextLength: CONTEXT_LENGTH,
          threads: 0,
          cacheFolder: QUANTISED,
          maxCacheBytes: 4e9,
          sequenceMemoryBytes: 2e9,
        },
        { onProgress: () => undefined, signal },
      );
    });
    const sequence = await opened?.start();
    const prefill = await lagDuring(async () => sequence?.appendTokens(promptIds(PROMPT)));
    let tokens = 0;
    const generating = await lagDuring(async () => {
      const options = { sampling: { temperature: 1 }, maxTokens: TOKENS, topCount: 10 };
      for await (const event of sequence?.generate(options) ?? []) if (event.type === 'token') tokens++;
    });
    return {
      name: 'The editor’s process while a model works',
      how: [
        'The real worker of the extension in its process, used by this one as the extension host does; 0.5B parameters, float32.',
        `Lag of this process’s event loop by node:perf_hooks at a resolution of 10 ms, while the worker loads, computes ${PROMPT} tokens, and generates ${tokens} tokens with their 10 likeliest alternatives on all ${availableParallelism()} cores.`,
        'Idle is the same measured beforehand with the worker asleep; the measure counts the 10 ms of its own timer as no lag.',
      ],
      ratios: [],
      limits: [
        { what: 'lag while generating, 99th percentile', value: generating.p99, unit: 'ms', atMost: 50 },
      ],
      measurements: [
        { what: 'lag while generating, greatest', value: generating.most, unit: 'ms' },
        { what: 'lag while a prompt is computed, 99th percentile', value: prefill.p99, unit: 'ms' },
        { what: 'lag while loading, 99th percentile', value: loading.p99, unit: 'ms' },
        { what: 'lag when idle, 99th percentile', value: idle.p99, unit: 'ms' },
      ],
    };
  } finally {
    worker.dispose();
    await worker.gone;
  }
}
