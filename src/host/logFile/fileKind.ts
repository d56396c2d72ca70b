import type { OtherEditor } from '../../protocol/logFileView';

/** A file whose bytes are no text. */
export interface BinaryKind {
  /** A sentence: what it is, and what shows it. */
  readonly message: string;
  readonly open?: OtherEditor;
}

/** Bytes that are looked at. */
export const KIND_BYTES = 8192;

const begins = (head: Uint8Array, ...bytes: readonly number[]): boolean =>
  bytes.every((byte, at) => head[at] === byte);
const ascii = (text: string): number[] => [...text].map((character) => character.charCodeAt(0));

interface Signature extends BinaryKind {
  is(head: Uint8Array, name: string): boolean;
}

const SIGNATURES: readonly Signature[] = [
  {
    is: (head) => begins(head, ...ascii('PAR1')),
    message:
      'This is a Parquet table, not text. Where it holds rollouts, they can be opened as trajectories.',
    open: 'trajectories',
  },
  {
    is: (head) => begins(head, ...ascii('SQLite format 3\0')),
    message: 'This is an SQLite database, not text. Where it holds metrics, their curves can be shown.',
    open: 'dynamics',
  },
  {
    is: (head) => begins(head, ...ascii(':W&B')),
    message: 'This is the binary log of a W&B run, not text. Its curves can be shown.',
    open: 'dynamics',
  },
  {
    is: (head, name) => /\btfevents\b/.test(name) && head.includes(0),
    message: 'This is an event file of TensorBoard, not text. Its curves can be shown.',
    open: 'dynamics',
  },
  {
    is: (head, name) => begins(head, 0x50, 0x4b, 3, 4) && /\.eval$/i.test(name),
    message:
      'This is an evaluation log of Inspect, an archive and not text. It can be opened as trajectories.',
    open: 'trajectories',
  },
  {
    is: (head) =>
      begins(head, 0x1f, 0x8b) || begins(head, 0x28, 0xb5, 0x2f, 0xfd) || begins(head, 0x50, 0x4b, 3, 4),
    message: 'This is a compressed file. Unpack it to see what it holds.',
  },
  {
    is: (head) => begins(head, 0xff, 0xfe) || begins(head, 0xfe, 0xff),
    message: 'This text is UTF-16, and logs are read as UTF-8. Convert it, for example with iconv.',
  },
];

/** Says what a file is that begins with these bytes; `undefined` for text, as damaged as it may be. */
export function binaryKind(head: Uint8Array, name: string): BinaryKind | undefined {
  const known = SIGNATURES.find((signature) => signature.is(head, name));
  if (known) return { message: known.message, ...(known.open && { open: known.open }) };
  if (head.length === 0 || isText(head)) return undefined;
  return { message: 'This file is not text, and nothing that is known here.' };
}

/** NUL bytes are left by machines that lost power: many of them make no binary file, other controls do. */
function isText(head: Uint8Array): boolean {
  const isOdd = (byte: number): boolean => byte < 32 && byte > 0 && !(byte >= 7 && byte <= 13) && byte !== 27;
  const written = head.filter((byte) => byte !== 0);
  if (written.length === 0) return true;
  const odd = written.filter(isOdd).length;
  return odd <= written.length / 50;
}
