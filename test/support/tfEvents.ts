import { maskedCrc32c } from '../../src/readers/metrics/tensorboard/crc32c';
import { fieldBytes, joinBytes, messageBytes } from './protobufBytes';

/** An event as tests write it down. */
export interface TestEvent {
  readonly step?: number;
  readonly wallTime?: number;
  readonly fileVersion?: string;
  /** Status of a session log: 1 is its start. */
  readonly session?: number;
  /** Each the bytes of a `Summary.Value`. */
  readonly values?: readonly Uint8Array[];
}

/** Bytes of an `Event` message. */
export function eventBytes({ step = 0, wallTime, fileVersion, session, values }: TestEvent): Uint8Array {
  return joinBytes(
    wallTime === undefined ? new Uint8Array(0) : fieldBytes(1, { double: wallTime }),
    // Zero is left out, as every writer of protobuf does.
    step === 0 ? new Uint8Array(0) : fieldBytes(2, { varint: step }),
    fileVersion === undefined ? new Uint8Array(0) : fieldBytes(3, { bytes: fileVersion }),
    values === undefined
      ? new Uint8Array(0)
      : fieldBytes(5, { bytes: joinBytes(...values.map((bytes) => fieldBytes(1, { bytes }))) }),
    session === undefined
      ? new Uint8Array(0)
      : fieldBytes(7, { bytes: messageBytes([1, { varint: session }]) }),
  );
}

/** Data as a TFRecord. */
export function tfRecord(data: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(data.length + 16);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, BigInt(data.length), true);
  view.setUint32(8, maskedCrc32c(bytes, 0, 8), true);
  bytes.set(data, 12);
  view.setUint32(data.length + 12, maskedCrc32c(data, 0, data.length), true);
  return bytes;
}

/** An event file. */
export function eventFile(events: readonly TestEvent[]): Uint8Array {
  return joinBytes(...events.map((event) => tfRecord(eventBytes(event))));
}

const tagged = (tag: string): readonly [number, { bytes: string }] => [1, { bytes: tag }];

/** A value as PyTorch and tensorboardX write scalars. */
export function simpleValue(tag: string, value: number): Uint8Array {
  return messageBytes(tagged(tag), [2, { float: value }]);
}

/** A value with a tensor. @param tensor its fields besides the type */
export function tensorValue(
  tag: string,
  type: number,
  tensor: Uint8Array,
  { plugin = undefined as string | undefined } = {},
): Uint8Array {
  return joinBytes(
    messageBytes(tagged(tag), [8, { bytes: joinBytes(fieldBytes(1, { varint: type }), tensor) }]),
    plugin === undefined
      ? new Uint8Array(0)
      : fieldBytes(9, { bytes: fieldBytes(1, { bytes: fieldBytes(1, { bytes: plugin }) }) }),
  );
}
