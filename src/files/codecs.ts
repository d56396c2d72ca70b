import { createHash } from 'node:crypto';
import type { Codecs } from '../readers/codecs';

/** The readers' `Codecs` on Node. */
export const nodeCodecs: Codecs = {
  sha256: (bytes) => createHash('sha256').update(bytes).digest('hex'),
};
