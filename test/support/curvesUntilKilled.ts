/*
 * Appends rollouts to a log and keeps its curves until somebody kills the process; says after each time how many there
 * are. Arguments: the log, the folder for curves.
 */
import { appendFileSync, writeSync } from 'node:fs';
import { openRolloutCurves } from '../../src/dynamics/rolloutCurves';
import { boardLine } from './rolloutLog';

async function growForever(log: string, cacheFolder: string): Promise<void> {
  const curves = await openRolloutCurves([log], { cacheFolder });
  for (let round = 0; ; round++) {
    const lines = Array.from({ length: 60 }, (_, at) =>
      boardLine({ step: round, question: `q${at >> 2}`, zooms: at % 3, tokens: 300, reward: at % 2 }),
    );
    appendFileSync(log, `${lines.join('\n')}\n`);
    await curves.refresh(new AbortController().signal, () => undefined);
    writeSync(1, `${curves.run.records}\n`);
  }
}

void growForever(process.argv[2] ?? '', process.argv[3] ?? '');
