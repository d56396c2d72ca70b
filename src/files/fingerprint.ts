import type { OpenFile } from './fileSource';
import { nodeCodecs } from './codecs';

/** Bytes that are looked at on each side. */
export const FINGERPRINT_BYTES = 64 * 1024;

/**
 * Proof that a file still begins with the bytes that were indexed: its first 64 KiB and the last 64 KiB before the
 * indexed end. An inode alone proves nothing, since a new file often gets the number of the one just deleted.
 */
export interface Fingerprint {
  /** How much of the file it covers. */
  readonly end: number;
  /** Hex SHA-256 of the first min(64 KiB, end) bytes. */
  readonly head: string;
  /** Hex SHA-256 of the last min(64 KiB, end) bytes before `end`. */
  readonly tail: string;
}

/** The fingerprint of a file's first `end` bytes; `undefined` when it has fewer. */
export async function takeFingerprint(file: OpenFile, end: number): Promise<Fingerprint | undefined> {
  const length = Math.min(FINGERPRINT_BYTES, end);
  const head = await file.read(0, length);
  const tail = await file.read(end - length, length);
  if (head.length < length || tail.length < length) return undefined;
  return { end, head: nodeCodecs.sha256(head), tail: nodeCodecs.sha256(tail) };
}

/** The fingerprint of a file of which only these first bytes (at most 64 KiB) are known. */
export function fingerprintOf(head: Uint8Array): Fingerprint {
  const hash = nodeCodecs.sha256(head);
  return { end: head.length, head: hash, tail: hash };
}

/** Whether the file still begins with the bytes that the fingerprint was taken of. */
export async function matchesFingerprint(file: OpenFile, known: Fingerprint): Promise<boolean> {
  const now = await takeFingerprint(file, known.end);
  return now !== undefined && now.head === known.head && now.tail === known.tail;
}
