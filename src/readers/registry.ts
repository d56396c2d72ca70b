import type { FormatId, TrajectoryReader } from './reader';
import { chatReader } from './trajectories/chat';
import { deepeyesEvalReader } from './trajectories/deepeyesEval';
import { imcotReader } from './trajectories/imcot';
import { inspectEvalReader, inspectJsonReader } from './trajectories/inspect';
import { miniO3Reader } from './trajectories/miniO3';
import { rlLoggingBoardReader } from './trajectories/rlLoggingBoard';
import { swiftCompletionsReader } from './trajectories/swiftCompletions';
import { trainingDataReader } from './trajectories/trainingData';
import { trlCompletionsReader } from './trajectories/trlCompletions';
import { wandbTableReader } from './trajectories/wandbTable';
import { verlRolloutsReader } from './trajectories/verlRollouts';

/** Every reader there is. The order breaks ties when two are equally sure of a file. */
export const READERS: readonly TrajectoryReader[] = [
  imcotReader,
  deepeyesEvalReader,
  rlLoggingBoardReader,
  verlRolloutsReader,
  trlCompletionsReader,
  swiftCompletionsReader,
  inspectEvalReader,
  inspectJsonReader,
  trainingDataReader,
  wandbTableReader,
  miniO3Reader,
  chatReader,
];

/** The reader of a format. Undefined when none is registered under that name. */
export function readerOf(format: FormatId): TrajectoryReader | undefined {
  return READERS.find((reader) => reader.format === format);
}
