/**
 * The byte-level alphabet of GPT-2's tokenizer (`bytes_to_unicode` in openai/gpt-2 encoder.py): each byte stands in the
 * vocabulary as one visible character. Printable Latin-1 characters stand for themselves, the others, in order, for
 * U+0100 and up.
 */
const byteOfCharacter: ReadonlyMap<string, number> = new Map(
  alphabet().map((codePoint, byte) => [String.fromCodePoint(codePoint), byte]),
);

function alphabet(): number[] {
  const printable = (byte: number): boolean =>
    (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae;
  let next = 0x100;
  return Array.from({ length: 256 }, (_, byte) => (printable(byte) ? byte : next++));
}

const encoder = new TextEncoder();

/**
 * The bytes that a token of a byte-level vocabulary stands for. As in the tokenizers library, a token with any character
 * outside the alphabet (an added token, usually) stands for its own UTF-8 bytes.
 */
export function bytesOfToken(token: string): Uint8Array {
  const bytes = new Uint8Array(token.length);
  let size = 0;
  for (const character of token) {
    const byte = byteOfCharacter.get(character);
    if (byte === undefined) return encoder.encode(token);
    bytes[size++] = byte;
  }
  return bytes.subarray(0, size);
}
