import type { TrajectoryReader } from '../readers/reader';
import { ColumnTable } from './columnTable';
import { EventTable } from './eventTable';
import { ListTable } from './listTable';
import type { KeptGroups } from './parquet/parquetTable';
import { ParquetTable } from './parquet/parquetTable';
import type { RecordTable } from './recordTable';
import { LineTable } from './recordTable';
import { SectionTable } from './sectionTable';
import { ArchiveTable } from './zip/archiveTable';

/** An empty table for a file of this reader. @param groups where rows that are read in groups are kept */
export function tableOf(reader: TrajectoryReader, groups: KeptGroups): RecordTable {
  switch (reader.layout) {
    case 'lines':
      return new LineTable();
    case 'events':
      return new EventTable();
    case 'columns':
      return new ColumnTable();
    case 'parquet':
      return new ParquetTable(groups, reader.pictureColumns);
    case 'sections':
      return new SectionTable(reader);
    case 'list':
      return new ListTable(reader);
    case 'archive':
      return new ArchiveTable(reader);
  }
}

/** Whether files of this layout are written anew as a whole, so that a changed one is another file. */
export function isWrittenAnew(layout: TrajectoryReader['layout']): boolean {
  return layout === 'parquet' || layout === 'list' || layout === 'archive';
}
