import { setTimeout as delay } from 'node:timers/promises';
import { libraryPath } from '../../../../../../src/inference/onnx/runtime/libraryPath';
import { Runtime } from '../../../../../../src/inference/onnx/runtime/runtime';
import { doubled, openDoubling } from './doubling';

/* Run by a test as a process of its own: uses the runtime once and gives what it does in the background some time. */

async function main(): Promise<void> {
  const session = await openDoubling(Runtime.load(libraryPath()));
  const [sum] = await doubled(session, Int32Array.of(21));
  process.stdout.write(String(sum));
  await delay(300);
  process.exit(0);
}

void main();
