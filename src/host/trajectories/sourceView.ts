import path from 'node:path';
import type { TrajectorySource } from '../../readers/trajectorySource';
import type { SourceView } from '../../protocol/trajectoryView';

/**
 * The state of a source for display. A source that fails after records were read stays readable, with a notice.
 * @param writtenAt when something was last written to it, in milliseconds since 1970
 */
export function sourceView(source: TrajectorySource, writtenAt?: number): SourceView {
  const { records, complete, indexedBytes, totalBytes, incompleteTail, generation, failure } = source.state;
  if (failure !== undefined && records === 0) return { status: 'error', message: failure };
  return {
    status: 'ready',
    name: path.basename(source.name),
    label: source.label,
    records,
    complete,
    indexed: totalBytes > 0 ? Math.min(1, indexedBytes / totalBytes) : 1,
    incompleteTail,
    generation,
    ...(source.format === 'imcot' && { isEventLog: true as const }),
    ...(writtenAt !== undefined && { writtenAt }),
    ...(failure !== undefined && { notice: failure }),
  };
}
