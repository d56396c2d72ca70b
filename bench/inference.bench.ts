import { report } from './harness';
import { benchAppend } from './inference/append';
import { benchDecode } from './inference/decode';
import { benchHostLag } from './inference/hostLag';
import { cleanUp, prepare } from './inference/model';
import { benchOpening } from './inference/opening';
import { benchSmallParts } from './inference/smallParts';

async function main(): Promise<void> {
  const checkpoint = await prepare();
  try {
    report(await benchDecode(checkpoint, 'full'));
    report(await benchDecode(checkpoint, 'int4'));
    report(await benchAppend('full'));
    report(await benchOpening(checkpoint));
    report(await benchHostLag());
    report(await benchSmallParts(checkpoint));
  } finally {
    cleanUp();
  }
}

void main().catch((error: unknown) => {
  process.stderr.write(`${String(error)}\n`);
  process.exitCode = 1;
});
