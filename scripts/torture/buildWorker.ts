import { build } from 'esbuild';
import path from 'node:path';

const ROOT = path.join(__dirname, '../..');

/**
 * Bundles the worker as the extension's build does, from the sources as they are.
 * @param folder inside the project, so that the bundle finds its modules
 * @returns the program's path
 */
export async function buildWorker(folder: string): Promise<string> {
  const outfile = path.join(folder, 'inferenceWorker.js');
  await build({
    absWorkingDir: ROOT,
    entryPoints: ['src/inference/onnx/worker.ts'],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    external: ['sharp', 'onnxruntime-node', 'koffi'],
    logLevel: 'warning',
  });
  return outfile;
}
