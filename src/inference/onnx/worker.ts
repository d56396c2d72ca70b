import { constants, setPriority } from 'node:os';
import { openLocalModel } from './localModel';
import { serveModels } from './process/serveModels';
import { processPort } from './process/workerPort';

/*
 * Entry of a model's process, built as dist/inferenceWorker.js: one local model, served over the channel to the process
 * that started this one. A fault in native code ends this process and nothing else.
 */

// A terminal's Ctrl+C reaches every process that was started there; what to do about it, the one that started this says.
process.on('SIGINT', () => undefined);

// A model computes on every core for minutes: the editor and its pages, which draw what it says, come first.
try {
  setPriority(constants.priority.PRIORITY_BELOW_NORMAL);
} catch {
  // Not allowed here: it runs as everything else.
}

serveModels(processPort(), openLocalModel);
