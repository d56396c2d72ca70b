import path from 'node:path';
import { ROLLOUT_MEASURES, STEP_MEASURES } from '../analysis/rolloutCurves/rolloutMeasures';
import { parseJson } from '../common/json';
import type { Logger } from '../common/logger';
import { nodeCodecs } from '../files/codecs';
import { KeptFiles } from '../files/keptFiles';
import type { KeptFile } from './rolloutFile';

/** To be raised when what is kept changes its form, or measures and readers change what they find. */
const VERSION = 3;
const SUFFIX = '.curves';
const FOLDER_BYTES = 64 * 2 ** 20;

/** Curves that were kept under another list of measures are worked out anew. */
const MEASURES = [...ROLLOUT_MEASURES, ...STEP_MEASURES].map(({ key }) => key).join(' ');

interface Header {
  readonly version: number;
  readonly measures: string;
  readonly paths: readonly string[];
  readonly format: string;
  /** Hex SHA-256 of what follows. */
  readonly body: string;
}

/**
 * Keeps what was summed up of a log between sessions, one file per log: a line of JSON that says what it is, then the
 * files of the log with their marks and sums. Whether a file still begins with what was read, its mark tells. A torn
 * or foreign file is thrown away. Nothing here ever fails to its caller: the log is simply read once more.
 */
export class RolloutCache {
  private readonly kept: KeptFiles;
  private readonly paths: readonly string[];
  private readonly key: string;

  /** @param paths of the log, as it was opened */
  constructor(
    folder: string,
    paths: readonly string[],
    private readonly logger: Logger,
  ) {
    this.kept = new KeptFiles(folder, SUFFIX, FOLDER_BYTES);
    this.paths = paths.map((entry) => path.resolve(entry));
    this.key = this.paths.join('\n');
  }

  /** What is kept of the log, if it is of this format. */
  async load(format: string): Promise<readonly KeptFile[]> {
    const bytes = await this.kept.read(this.key);
    if (!bytes) return [];
    try {
      const files = this.read(bytes, format);
      if (files) await this.kept.used(this.key);
      else {
        this.logger.info(`Kept curves of ${this.paths.join(', ')} do not fit and are made anew.`);
        await this.kept.remove(this.key);
      }
      return files ?? [];
    } catch {
      return [];
    }
  }

  async save(format: string, files: readonly KeptFile[]): Promise<void> {
    try {
      const body = Buffer.from(JSON.stringify(files)) as Uint8Array;
      const header: Header = {
        version: VERSION,
        measures: MEASURES,
        paths: this.paths,
        format,
        body: nodeCodecs.sha256(body),
      };
      const head = Buffer.from(`${JSON.stringify(header)}\n`) as Uint8Array;
      await this.kept.write(this.key, Buffer.concat([head, body]) as Uint8Array);
    } catch (thrown) {
      this.logger.debug(`Curves could not be kept: ${String(thrown)}`);
    }
  }

  private read(bytes: Uint8Array, format: string): readonly KeptFile[] | undefined {
    const lineEnd = bytes.indexOf(10);
    const text = Buffer.from(bytes.subarray(0, Math.max(0, lineEnd))).toString('utf8');
    const header = parseJson(text);
    const body = bytes.subarray(lineEnd + 1);
    if (lineEnd < 0 || !header.ok || !this.fits(header.value, format, nodeCodecs.sha256(body)))
      return undefined;
    const files = parseJson(Buffer.from(body).toString('utf8'));
    return files.ok ? (files.value as readonly KeptFile[]) : undefined;
  }

  private fits(value: unknown, format: string, body: string): boolean {
    const expected: Header = { version: VERSION, measures: MEASURES, paths: this.paths, format, body };
    return JSON.stringify(value) === JSON.stringify(expected);
  }
}
