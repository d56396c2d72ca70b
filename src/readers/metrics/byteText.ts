import { decodeUtf8 } from '../../common/json';

/*
 * Text in which every character is one byte of the file, so that places in the text are places in the file. The marks of
 * a table are ASCII, which reads the same in UTF-8; a cell that holds anything else is turned back and read as UTF-8.
 */
const decoder = new TextDecoder('windows-1252', { ignoreBOM: true });
const BYTES = new Map(
  Array.from({ length: 256 }, (_, byte) => [decoder.decode(Uint8Array.of(byte)).charCodeAt(0), byte]),
);
// eslint-disable-next-line no-control-regex -- the whole of ASCII
const ASCII = /^[\x00-\x7f]*$/;

/** The bytes, one character each. */
export function byteText(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}

/** What a piece of `byteText` says in UTF-8. */
export function utf8Of(text: string): string {
  if (ASCII.test(text)) return text;
  return decodeUtf8(Uint8Array.from(text, (char) => BYTES.get(char.charCodeAt(0)) ?? 0x3f));
}
