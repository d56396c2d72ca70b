import type { TrajectoryReader } from '../readers/reader';
import { ColumnTable } from './columnTable';
import { EventTable } from './eventTable';
import type { KeptGroups } from './parquet/parquetTable';
import { ParquetTable } from './parquet/parquetTable';
import type { RecordTable } from './recordTable';
import { LineTable } from './recordTable';

/** An empty table for a file of this layout. @param groups where rows that are read in groups are kept */
export function tableOf(layout: TrajectoryReader['layout'], groups: KeptGroups): RecordTable {
  switch (layout) {
    case 'lines':
      return new LineTable();
    case 'events':
      return new EventTable();
    case 'columns':
      return new ColumnTable();
    case 'parquet':
      return new ParquetTable(groups);
  }
}
