import { HeldBytes } from '../heldBytes';
import type { MetricStream } from '../metricReader';
import { viewOf } from '../protobuf';
import { maskedCrc32c } from './crc32c';

/*
 * TFRecord: length (u64), masked CRC-32C of the length's bytes, data, masked CRC-32C of the data; all little-endian.
 * Source: `tensorflow/core/lib/io/record_writer.h`, and TensorBoard's `tf_record.rs` for what to do with damage.
 */

/** Receives whole records and the places where none could be read. */
export interface RecordTaker {
  /**
   * A record whose checksum is right: its data are `bytes[from..to)`, valid during the call.
   * @param view over the same bytes
   * @param start offset of the record in the file
   */
  record(bytes: Uint8Array, view: DataView, from: number, to: number, start: number): void;
  damaged(reason: string, start: number, end: number): void;
}

/** Bytes in front of a record's data. */
export const HEAD = 12;
/** Bytes behind them. */
export const TAIL = 4;
/** No event is larger; a length beyond it is not one. */
const MAX_RECORD = 256 * 1024 * 1024;

/** Whether a record's length with its right checksum stands here; 12 bytes from `at` on must be there. */
export function isRecordHead(bytes: Uint8Array, view: DataView, at: number): boolean {
  return (
    view.getUint32(at + 4, true) === 0 &&
    view.getUint32(at, true) <= MAX_RECORD &&
    view.getUint32(at + 8, true) === maskedCrc32c(bytes, at, at + 8)
  );
}

/**
 * Cuts a stream of bytes into records. Data with a wrong checksum are passed over. Where a length is wrong, nothing says
 * how far the damage goes: the next place whose length has the right checksum is where reading goes on.
 */
export class TfRecords implements MetricStream {
  private readonly held = new HeldBytes();
  private needed = HEAD;
  /** File offset of the first held byte. */
  private offset = 0;
  /** Where the present search for a length began; -1 while none is lost. */
  private lostAt = -1;

  constructor(private readonly taker: RecordTaker) {}

  get pending(): number {
    return this.lostAt < 0 ? this.held.length : 0;
  }

  write(chunk: Uint8Array): void {
    const bytes = this.held.add(chunk);
    if (!bytes) return;
    const at = this.take(bytes, viewOf(bytes));
    this.offset += at;
    this.held.keep(bytes, at, this.needed);
  }

  finish(): void {
    const end = this.offset + this.held.length;
    if (this.lostAt >= 0) this.found(end);
    else if (this.held.length > 0) this.taker.damaged('The last event is cut off.', this.offset, end);
    this.offset = end;
    this.held.keep(new Uint8Array(0), 0, HEAD);
  }

  /** Hands over the whole records. @returns how far they go */
  private take(bytes: Uint8Array, view: DataView): number {
    let at = 0;
    this.needed = HEAD;
    while (bytes.length - at >= HEAD) {
      if (!isRecordHead(bytes, view, at)) {
        if (this.lostAt < 0) this.lostAt = this.offset + at;
        at++;
        continue;
      }
      this.found(this.offset + at);
      const data = at + HEAD;
      const end = data + view.getUint32(at, true) + TAIL;
      if (end > bytes.length) {
        this.needed = end - at;
        break;
      }
      if (view.getUint32(end - TAIL, true) === maskedCrc32c(bytes, data, end - TAIL)) {
        this.taker.record(bytes, view, data, end - TAIL, this.offset + at);
      } else {
        this.taker.damaged('The checksum of this event is wrong.', this.offset + at, this.offset + end);
      }
      at = end;
    }
    return at;
  }

  private found(at: number): void {
    if (this.lostAt < 0) return;
    this.taker.damaged('There are no events here: the bytes are damaged.', this.lostAt, at);
    this.lostAt = -1;
  }
}
