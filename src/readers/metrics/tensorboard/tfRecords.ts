import type { MetricStream } from '../metricReader';
import { maskedCrc32c } from './crc32c';

/*
 * TFRecord: length (u64), masked CRC-32C of the length's bytes, data, masked CRC-32C of the data; all little-endian.
 * Source: `tensorflow/core/lib/io/record_writer.h`, and TensorBoard's `tf_record.rs` for what to do with damage.
 */

/** Receives whole records and the places where none could be read. */
export interface RecordTaker {
  /** A record whose checksum is right: its data are `bytes[from..to)`, valid during the call; `start` is the file offset. */
  record(bytes: Uint8Array, from: number, to: number, start: number): void;
  damaged(reason: string, start: number, end: number): void;
}

const HEAD = 12;
const TAIL = 4;
/** No event is larger; a length beyond it is not one. */
const MAX_RECORD = 256 * 1024 * 1024;

/**
 * Cuts a stream of bytes into records. Data with a wrong checksum are passed over. Where a length is wrong, nothing says
 * how far the damage goes: the next place whose length has the right checksum is where reading goes on.
 */
export class TfRecords implements MetricStream {
  private held: Uint8Array = new Uint8Array(0);
  /** File offset of the first held byte. */
  private offset = 0;
  /** Where the present search for a length began; -1 while none is lost. */
  private lostAt = -1;

  constructor(private readonly taker: RecordTaker) {}

  get pending(): number {
    return this.lostAt < 0 ? this.held.length : 0;
  }

  write(chunk: Uint8Array): void {
    const bytes = this.held.length === 0 ? chunk : joined(this.held, chunk);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    let at = 0;
    while (bytes.length - at >= HEAD) {
      const length = view.getUint32(at, true);
      const isHead =
        view.getUint32(at + 4, true) === 0 &&
        length <= MAX_RECORD &&
        view.getUint32(at + 8, true) === maskedCrc32c(bytes, at, at + 8);
      if (!isHead) {
        if (this.lostAt < 0) this.lostAt = this.offset + at;
        at++;
        continue;
      }
      this.found(this.offset + at);
      const end = at + HEAD + length + TAIL;
      if (end > bytes.length) break;
      const data = at + HEAD;
      if (view.getUint32(end - TAIL, true) === maskedCrc32c(bytes, data, end - TAIL)) {
        this.taker.record(bytes, data, end - TAIL, this.offset + at);
      } else {
        this.taker.damaged('The checksum of this event is wrong.', this.offset + at, this.offset + end);
      }
      at = end;
    }
    this.offset += at;
    this.held = bytes.slice(at);
  }

  finish(): void {
    const end = this.offset + this.held.length;
    if (this.lostAt >= 0) this.found(end);
    else if (this.held.length > 0) this.taker.damaged('The last event is cut off.', this.offset, end);
    this.held = new Uint8Array(0);
  }

  private found(at: number): void {
    if (this.lostAt < 0) return;
    this.taker.damaged('There are no events here: the bytes are damaged.', this.lostAt, at);
    this.lostAt = -1;
  }
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(first.length + second.length);
  bytes.set(first);
  bytes.set(second, first.length);
  return bytes;
}
