import * as zlib from 'node:zlib';
import type { MetricCodecs } from '../readers/metrics/metricCodecs';
import { openSqlite } from './sqlite';

type Crc32 = MetricCodecs['crc32'];

const POLYNOMIAL = 0xedb88320;

/** CRC-32 (IEEE 802.3) by table, a byte at a time. */
export function crc32ByTable(bytes: Uint8Array, seed = 0): number {
  const table = crcTable();
  let crc = ~seed;
  for (const byte of bytes) crc = (table[(crc ^ byte) & 255] as number) ^ (crc >>> 8);
  return ~crc >>> 0;
}

let madeTable: Int32Array | undefined;

function crcTable(): Int32Array {
  madeTable ??= Int32Array.from({ length: 256 }, (_, byte) => {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ POLYNOMIAL : crc >>> 1;
    return crc;
  });
  return madeTable;
}

/** CRC-32 (IEEE) of the bytes, going on from `seed`. Node has it since 20.15; the oldest editors that are served run 20.9. */
export const crc32: Crc32 = (zlib as { readonly crc32?: Crc32 }).crc32 ?? crc32ByTable;

/** The metric readers' `MetricCodecs` on Node. */
export const nodeMetricCodecs: MetricCodecs = { crc32, openSqlite: (file) => openSqlite(file) };
