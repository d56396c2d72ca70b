import type { FormatId, TrajectoryReader } from './reader';

/** Every reader there is. The order breaks ties when two are equally sure of a file. */
export const READERS: readonly TrajectoryReader[] = [];

/** The reader of a format. Undefined when none is registered under that name. */
export function readerOf(format: FormatId): TrajectoryReader | undefined {
  return READERS.find((reader) => reader.format === format);
}
