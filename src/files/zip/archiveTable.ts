import type { ByteSource } from '../../common/byteSource';
import type { JsonRecord } from '../../readers/fields';
import { asRecord } from '../../readers/fields';
import type { InnerRecord, TrajectoryReader } from '../../readers/reader';
import type { OpenFile } from '../fileSource';
import type { Indexer } from '../indexClient';
import type { IndexEnd } from '../lineIndexer';
import { parseLine } from '../readRecord';
import type { RecordPart, RecordTable } from '../recordTable';
import { localMember } from './localHeader';
import { unpackMember } from './unpackMember';
import { readZipDirectory } from './zipDirectory';
import type { ZipMember } from './zipMembers';
import { ZipMembers } from './zipMembers';

/** How a file begins that is a ZIP archive with something in it. */
export function beginsAsZip(head: Uint8Array): boolean {
  return head[0] === 0x50 && head[1] === 0x4b && head[2] === 3 && head[3] === 4;
}

/**
 * Hands over the members of an archive in their order: those of its directory, or, where it has none (it is still being
 * written, or was cut off), those that are whole.
 * @returns where what is whole ends
 */
export async function walkArchive(
  file: ByteSource,
  size: number,
  onMembers: { add(member: ZipMember): void; restart(): void },
  signal?: AbortSignal,
): Promise<number> {
  if (await readZipDirectory(file, size, (member) => onMembers.add(member), signal)) return size;
  onMembers.restart();
  let at = 0;
  for (;;) {
    if (signal?.aborted) return at;
    const found = await localMember(file, at, size);
    if (!found) return at;
    onMembers.add(found.member);
    at = found.next;
  }
}

/**
 * The members of a ZIP archive that a reader calls records; of several with one name the last. Only the directory is
 * held. Such a file is written anew as a whole: another object is made for a later state.
 */
export class ArchiveTable implements RecordTable {
  private members = new ZipMembers();
  private size = 0;
  private readonly headers = new Map<string, ZipMember>();
  private head: Promise<JsonRecord> | undefined;

  constructor(private readonly reader: TrajectoryReader) {}

  get count(): number {
    return this.members.count;
  }

  get end(): number {
    return this.size;
  }

  async extend(
    file: OpenFile,
    _indexer: Indexer,
    signal: AbortSignal,
    onProgress: (end: number) => void,
  ): Promise<IndexEnd> {
    const size = await file.size();
    const found = new Map<string, ZipMember>();
    const add = (member: ZipMember): void => {
      if (this.reader.isRecord?.(member.name)) {
        // The place of the last, too: an archive that is appended to grows at its end.
        found.delete(member.name);
        found.set(member.name, member);
      } else if (this.reader.headers?.includes(member.name)) this.headers.set(member.name, member);
    };
    const end = await walkArchive(file, size, { add, restart: () => found.clear() }, signal);
    this.members = new ZipMembers();
    for (const member of found.values()) this.members.add(member);
    this.head = undefined;
    this.size = end;
    onProgress(end);
    return { end, size, openRecord: end < size ? end : -1 };
  }

  setTail(): void {
    // What is not whole in an archive is no record.
  }

  async lines(file: ByteSource, record: number): Promise<readonly RecordPart[]> {
    const member = record < 0 ? undefined : this.members.at(record);
    if (!member) return [];
    const place = { start: member.header, end: member.header + member.packed };
    const read = await unpackMember(file, member);
    const parsed = parseLine({ ...place, ...read });
    if ('problem' in parsed) return [{ ...place, problem: parsed.problem }];
    if (!this.head) {
      const reading = this.readHead(file);
      // The file system may think otherwise the next time.
      reading.catch(() => (this.head = undefined));
      this.head = reading;
    }
    const value: InnerRecord = { head: await this.head, entry: parsed.value, part: 0 };
    return [{ ...place, value }];
  }

  private async readHead(file: ByteSource): Promise<JsonRecord> {
    for (const name of this.reader.headers ?? []) {
      const member = this.headers.get(name);
      const read = member && (await unpackMember(file, member));
      const parsed = read && parseLine({ start: 0, end: 0, ...read });
      const head = parsed && 'value' in parsed ? asRecord(parsed.value) : undefined;
      if (head) return head;
    }
    return {};
  }
}
