import path from 'node:path';
import type { CliIo } from '../../../../src/cli/cliIo';
import { main } from '../../../../src/cli/commandLine';

export const ROOT = path.resolve(__dirname, '../../../..');
export const SAMPLES = path.join(ROOT, 'media/demo/samples');
export const VSTAR = path.join(ROOT, 'test/fixtures/deepeyes-vstar');
export const OWN = path.join(SAMPLES, 'scenes.imcot.jsonl');
export const JUDGED = path.join(SAMPLES, 'result_direct_attributes_demo_acc.jsonl');

/** What a run of the command line came to. */
export interface ImcotRun {
  readonly code: number;
  readonly out: string;
  readonly err: string;
  json(): unknown;
}

/** Runs the command line within this process. */
export async function imcot(
  argv: readonly string[],
  terminal?: { columns: number; colour: boolean },
): Promise<ImcotRun> {
  let out = '';
  let err = '';
  const stop = new AbortController();
  const look = { isTerminal: terminal !== undefined, colour: false, ...terminal };
  const io: CliIo = {
    out: { write: (text) => void (out += text), ...look },
    err: { write: (text) => void (err += text), isTerminal: false, colour: false },
    signal: stop.signal,
  };
  const code = await main(argv, io);
  return { code, out, err, json: () => JSON.parse(out) };
}
