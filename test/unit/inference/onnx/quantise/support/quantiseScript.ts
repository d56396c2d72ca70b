import { openQuantised } from '../../../../../../src/inference/onnx/quantise/quantisedWeights';
import { UNEVEN, writeCheckpoint } from './smallCheckpoint';

/*
 * Run by tests as a process of its own: quantises into the folder that it is given, prints one line of JSON when it is
 * done, and with `stay` then keeps the weights open until it is killed.
 */
const [source = '', cacheFolder = '', size = 'small', after = ''] = process.argv.slice(2);
const big = { ...UNEVEN, hidden: 512, intermediate: 1024, vocabulary: 4096 };
const checkpoint = writeCheckpoint(source, size === 'big' ? big : UNEVEN);

async function main(): Promise<void> {
  process.stdout.write('start\n');
  const { fresh } = await openQuantised(checkpoint, {
    bits: 4,
    cacheFolder,
    maxCacheBytes: 1e9,
    identity: async () => size,
  });
  process.stdout.write(`${JSON.stringify({ fresh })}\n`);
  if (after === 'stay') setInterval(() => undefined, 1000);
}

void main();
