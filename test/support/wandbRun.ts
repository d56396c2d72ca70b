import { crc32 } from '../../src/files/metricCodecs';
import type { MetricCodecs } from '../../src/readers/metrics/metricCodecs';
import { fieldBytes, joinBytes } from './protobufBytes';
import type { WireValue } from './protobufBytes';

/** The machine's checksum, and no database. */
export const WANDB_CODECS: MetricCodecs = {
  crc32,
  openSqlite: () => Promise.reject(new Error('This reader needs no database.')),
};

const BLOCK = 32768;
const HEAD = 7;

/** A W&B run file: its head, then the records, each in as many chunks as its place makes needful. */
export function wandbFile(records: readonly Uint8Array[]): Uint8Array {
  const pieces: Uint8Array[] = [Uint8Array.from([0x3a, 0x57, 0x26, 0x42, 0xe1, 0xbe, 0])];
  let at = HEAD;
  const add = (bytes: Uint8Array): void => {
    pieces.push(bytes);
    at += bytes.length;
  };
  for (const record of records) {
    let rest = record;
    for (let isFirst = true; isFirst || rest.length > 0; isFirst = false) {
      if (BLOCK - (at % BLOCK) < HEAD) add(new Uint8Array(BLOCK - (at % BLOCK)));
      const part = rest.subarray(0, BLOCK - (at % BLOCK) - HEAD);
      rest = rest.subarray(part.length);
      const isLast = rest.length === 0;
      add(chunk(isFirst ? (isLast ? 1 : 2) : isLast ? 4 : 3, part));
      if (isLast) break;
    }
  }
  return joinBytes(...pieces);
}

function chunk(type: number, data: Uint8Array): Uint8Array {
  const bytes = joinBytes(new Uint8Array(6), Uint8Array.from([type]), data);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, crc32(bytes.subarray(6)), true);
  view.setUint16(4, data.length, true);
  return bytes;
}

/** An item with its name (several for one inside a dictionary) and its value as JSON. */
export function item(
  name: string | readonly string[],
  json: string | undefined,
  typed?: readonly [number, WireValue],
): Uint8Array {
  const names =
    typeof name === 'string'
      ? [fieldBytes(1, { bytes: name })]
      : name.map((bytes) => fieldBytes(2, { bytes }));
  return joinBytes(
    ...names,
    ...(typed ? [fieldBytes(...typed)] : []),
    ...(json === undefined ? [] : [fieldBytes(16, { bytes: json })]),
  );
}

/** A record with one message inside. @param field 2 history, 3 summary, 5 config, 7 stats, 13 console, 17 run, 18 exit */
export function wandbRecord(field: number, ...fields: readonly Uint8Array[]): Uint8Array {
  return joinBytes(fieldBytes(1, { varint: 1 }), fieldBytes(field, { bytes: joinBytes(...fields) }));
}

/** A history record of these items. */
export function history(...items: readonly Uint8Array[]): Uint8Array {
  return wandbRecord(2, ...items.map((bytes) => fieldBytes(1, { bytes })));
}

/** A record of console output, at second 5. */
export function output(text: string, stream = 1): Uint8Array {
  const time = fieldBytes(2, { bytes: fieldBytes(1, { varint: 5 }) });
  return wandbRecord(13, fieldBytes(1, { varint: stream }), time, fieldBytes(3, { bytes: text }));
}

/** The record that begins a run. */
export function runRecord(id: string, ...config: readonly Uint8Array[]): Uint8Array {
  return wandbRecord(
    17,
    fieldBytes(1, { bytes: id }),
    fieldBytes(3, { bytes: 'zoom' }),
    fieldBytes(8, { bytes: `name of ${id}` }),
    fieldBytes(4, { bytes: joinBytes(...config.map((bytes) => fieldBytes(1, { bytes }))) }),
  );
}
