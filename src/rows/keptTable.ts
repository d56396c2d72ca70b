import path from 'node:path';
import { deserialize, serialize } from 'node:v8';
import type { Logger } from '../common/logger';
import { nodeCodecs } from '../files/codecs';
import { KeptFiles } from '../files/keptFiles';
import type { ScannedFile } from './logScan';
import type { TableState } from './rowTable';
import { TABLE_FORM } from './rowTable';

/** To be raised when readers or fields change what they find. */
const VERSION = 1;
const SUFFIX = '.rows';
const FOLDER_BYTES = 1024 * 2 ** 20;

/** A table and what it was read from. */
export interface KeptTableContent {
  readonly files: readonly ScannedFile[];
  readonly table: TableState;
}

/**
 * Keeps the table of a log between sessions, one file per log: a line of JSON that says what it is, then the columns.
 * Whether the log still begins with what was read, its marks tell. A torn or foreign file is passed over. Nothing here
 * ever fails to its caller: the log is simply read once more.
 */
export class KeptTable {
  private readonly kept: KeptFiles;
  private readonly key: string;

  /** @param paths of the log, as it was opened */
  constructor(
    folder: string,
    paths: readonly string[],
    private readonly logger: Logger,
  ) {
    this.kept = new KeptFiles(folder, SUFFIX, FOLDER_BYTES);
    this.key = paths.map((entry) => path.resolve(entry)).join('\n');
  }

  /** What is kept of the log, if it is of this format. */
  async load(format: string): Promise<KeptTableContent | undefined> {
    const bytes = await this.kept.read(this.key);
    const lineEnd = bytes?.indexOf(10) ?? -1;
    if (!bytes || lineEnd < 0) return undefined;
    try {
      const body = bytes.subarray(lineEnd + 1);
      const head = Buffer.from(bytes.subarray(0, lineEnd)).toString('utf8');
      if (head !== this.header(format, body)) return undefined;
      const content = deserialize(body) as KeptTableContent;
      await this.kept.used(this.key);
      return content;
    } catch (thrown) {
      this.logger.debug(`A kept table could not be read: ${String(thrown)}`);
      return undefined;
    }
  }

  async save(format: string, content: KeptTableContent): Promise<void> {
    try {
      const body = serialize(content) as Uint8Array;
      const head = Buffer.from(`${this.header(format, body)}\n`) as Uint8Array;
      await this.kept.write(this.key, Buffer.concat([head, body]) as Uint8Array);
    } catch (thrown) {
      this.logger.debug(`A table could not be kept: ${String(thrown)}`);
    }
  }

  private header(format: string, body: Uint8Array): string {
    const { key } = this;
    return JSON.stringify({ version: VERSION, form: TABLE_FORM, key, format, body: nodeCodecs.sha256(body) });
  }
}
