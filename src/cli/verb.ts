import type { VerbArguments, VerbSpec } from './arguments';
import type { CliIo } from './cliIo';

/** One thing that `imcot` can do. */
export interface Verb {
  readonly spec: VerbSpec;
  /**
   * Does it and returns the exit code.
   * @throws ImcotError for what ends the whole call; errors of single inputs are printed and counted instead
   */
  run(args: VerbArguments, io: CliIo): Promise<number>;
}
