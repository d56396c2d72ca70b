import type { ByteSource } from '../../common/byteSource';
import { LruCache } from '../../common/lru';
import type { OpenFile } from '../fileSource';
import type { IndexEnd } from '../lineIndexer';
import type { RecordPart, RecordTable } from '../recordTable';
import type { GroupRows } from './parquetGroup';
import { groupProblem, MAX_GROUP_BYTES, readGroup } from './parquetGroup';
import type { ParquetFooter, ParquetGroup } from './parquetFooter';
import { readParquetFooter } from './parquetFooter';
import { readPictures } from './parquetPictures';

/** Rows that were read, shared by the files of a source. */
export class KeptGroups {
  private readonly cache = new LruCache<ParquetGroup, Promise<GroupRows>>(MAX_GROUP_BYTES);

  /** The group's rows, read by `read` where they are not kept. */
  async rows(group: ParquetGroup, read: () => Promise<GroupRows>): Promise<GroupRows> {
    const kept = this.cache.get(group);
    if (kept) return kept;
    const reading = read();
    this.cache.set(group, reading, group.unpackedBytes + 1);
    // The file system may think otherwise the next time.
    reading.catch(() => this.cache.delete(group));
    return reading;
  }
}

/**
 * Every row of a Parquet file is a record. A group that is too large to be read is one (bad) record, and so is a file
 * without a sound footer. Such a file is never appended to: it is read once, and another object is made for a later state.
 */
export class ParquetTable implements RecordTable {
  private footer: ParquetFooter | undefined;
  private problem: string | undefined;
  private size = 0;
  /** First record of each group. */
  private firsts: number[] = [];
  private records = 0;

  /** @param pictureColumns columns of raw bytes that are read with a row that is asked for by itself */
  constructor(
    private readonly kept: KeptGroups,
    private readonly pictureColumns: readonly string[] = [],
  ) {}

  get count(): number {
    return this.records;
  }

  get end(): number {
    return this.size;
  }

  async extend(file: OpenFile): Promise<IndexEnd> {
    const size = await file.size();
    const found = await readParquetFooter(file);
    this.size = size;
    this.firsts = [];
    this.records = 0;
    this.footer = 'footer' in found ? found.footer : undefined;
    this.problem = 'problem' in found ? found.problem : undefined;
    if (this.problem !== undefined) this.records = 1;
    for (const group of this.footer?.groups ?? []) {
      this.firsts.push(this.records);
      this.records += groupProblem(group) === undefined ? group.rows : 1;
    }
    return { end: size, size, openRecord: -1 };
  }

  setTail(): void {
    // There are no lines, so there is no unterminated one.
  }

  async lines(file: ByteSource, record: number, withPictures = true): Promise<readonly RecordPart[]> {
    const { footer, problem, size } = this;
    if (record < 0 || record >= this.records) return [];
    if (!footer) return [{ start: 0, end: size, problem: problem ?? 'This file was not read yet.' }];
    const at = this.firsts.findLastIndex((first) => first <= record);
    const group = footer.groups[at];
    if (!group) return [];
    const found = await this.kept.rows(group, () => readGroup(file, size, footer, group));
    if ('problem' in found) return [{ ...group.bytes, problem: found.problem }];
    const local = record - (this.firsts[at] ?? 0);
    const row = found.rows[local];
    const wanted = this.pictureColumns.filter((name) => footer.binaryColumns.has(name));
    if (!withPictures || wanted.length === 0 || !row) return [{ ...group.bytes, value: row }];
    const pictures = await readPictures(file, size, footer, group, local, wanted);
    return [{ ...group.bytes, value: { ...row, ...pictures } }];
  }
}
