import { openLocalModel } from './localModel';
import { serveModels } from './process/serveModels';
import { processPort } from './process/workerPort';

/*
 * Entry of a model's process, built as dist/inferenceWorker.js: one local model, served over the channel to the process
 * that started this one. A fault in native code ends this process and nothing else.
 */

serveModels(processPort(), openLocalModel);
