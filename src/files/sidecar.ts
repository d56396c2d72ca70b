import path from 'node:path';
import { parseJson } from '../common/json';
import { LineIndex } from '../common/lineIndex';
import { nodeCodecs } from './codecs';
import type { OpenFile } from './fileSource';
import type { Fingerprint } from './fingerprint';
import { matchesFingerprint, takeFingerprint } from './fingerprint';
import { KeptFiles } from './keptFiles';

/** Version of the format of the files; an index of another version is made anew. */
const VERSION = 1;
const SUFFIX = '.lineindex';
/** Default limit of the folder: a thousand gigabytes of logs with 20 KB a record. */
const DEFAULT_FOLDER_BYTES = 128 * 2 ** 20;

interface Header extends Fingerprint {
  readonly version: number;
  readonly path: string;
  readonly size: number;
  readonly modified: string;
  /** Hex SHA-256 of the index's bytes. */
  readonly body: string;
}

/**
 * Keeps line indexes between sessions in a folder of its own, one file per log: a line of JSON that says what was
 * indexed, then the index. A log that has only grown goes on from where its index ends; anything that does not fit
 * (another size with another end, changed bytes, a torn or foreign file) is thrown away. Nothing here ever fails to
 * its caller: without an index the log is simply read once more.
 */
export class SidecarStore {
  private readonly kept: KeptFiles;

  constructor(folder: string, folderBytes = DEFAULT_FOLDER_BYTES) {
    this.kept = new KeptFiles(folder, SUFFIX, folderBytes);
  }

  /** The kept index of a file's first `index.end` bytes, if those bytes are still what was indexed. */
  async load(file: OpenFile): Promise<LineIndex | undefined> {
    const key = path.resolve(file.name);
    const bytes = await this.kept.read(key);
    if (!bytes) return undefined;
    try {
      const index = await readSidecar(bytes, file);
      if (index) await this.kept.used(key);
      else await this.kept.remove(key);
      return index;
    } catch {
      // The log can't be read or the folder can't be written: as good as no index.
      return undefined;
    }
  }

  /** Keeps an index. */
  async save(file: OpenFile, index: LineIndex): Promise<boolean> {
    try {
      const body = index.serialize();
      const [{ size, modified }, print] = await Promise.all([file.stat(), takeFingerprint(file, index.end)]);
      if (!print) return false;
      const header: Header = {
        version: VERSION,
        path: path.resolve(file.name),
        size,
        modified,
        ...print,
        body: nodeCodecs.sha256(body),
      };
      const head = Buffer.from(`${JSON.stringify(header)}\n`) as Uint8Array;
      await this.kept.write(header.path, Buffer.concat([head, body]) as Uint8Array);
      return true;
    } catch {
      return false;
    }
  }
}

async function readSidecar(bytes: Uint8Array, file: OpenFile): Promise<LineIndex | undefined> {
  const lineEnd = bytes.indexOf(10);
  if (lineEnd < 0) return undefined;
  const header = toHeader(Buffer.from(bytes.subarray(0, lineEnd)).toString('utf8'));
  const body = bytes.subarray(lineEnd + 1);
  if (header?.version !== VERSION || header.path !== path.resolve(file.name)) return undefined;
  if (nodeCodecs.sha256(body) !== header.body) return undefined;
  const now = await file.stat();
  // Of the same length but changed since: its middle may be new, where no fingerprint looks.
  if (now.size < header.size || (now.size === header.size && now.modified !== header.modified))
    return undefined;
  const index = LineIndex.deserialize(body);
  if (index?.end !== header.end || !(await matchesFingerprint(file, header))) return undefined;
  return index;
}

function toHeader(text: string): Header | undefined {
  const parsed = parseJson(text);
  if (!parsed.ok || typeof parsed.value !== 'object' || parsed.value === null) return undefined;
  const header = parsed.value as Header;
  const sane = Number.isSafeInteger(header.end) && header.end >= 0 && Number.isSafeInteger(header.size);
  return sane ? header : undefined;
}
