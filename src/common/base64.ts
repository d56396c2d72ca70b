const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const PAD = 0x3d;
const NO_DIGIT = 64;

const digits = new Uint8Array(256).fill(NO_DIGIT);
for (let value = 0; value < ALPHABET.length; value++) digits[ALPHABET.charCodeAt(value)] = value;

/**
 * The bytes of base64 text (RFC 4648, section 4). Strict: no blanks, no other alphabet, padded to whole groups.
 * @returns undefined when the text is anything else
 */
export function decodeBase64(text: string): Uint8Array | undefined {
  const { length } = text;
  if (length % 4 !== 0) return undefined;
  if (length === 0) return new Uint8Array(0);
  const padding = text.charCodeAt(length - 1) !== PAD ? 0 : text.charCodeAt(length - 2) !== PAD ? 1 : 2;
  const bytes = new Uint8Array((length / 4) * 3 - padding);
  const digit = (index: number): number => {
    if (index >= length - padding) return 0;
    const code = text.charCodeAt(index);
    return code < 256 ? (digits[code] ?? NO_DIGIT) : NO_DIGIT;
  };
  let seen = 0;
  for (let from = 0, to = 0; from < length; from += 4, to += 3) {
    const a = digit(from);
    const b = digit(from + 1);
    const c = digit(from + 2);
    const d = digit(from + 3);
    seen |= a | b | c | d;
    // Writes past the end of a padded last group are ignored by the typed array.
    bytes[to] = (a << 2) | (b >> 4);
    bytes[to + 1] = (b << 4) | (c >> 2);
    bytes[to + 2] = (c << 6) | d;
  }
  return (seen & NO_DIGIT) === 0 ? bytes : undefined;
}

/** Bytes as padded base64 text without line breaks. */
export function encodeBase64(bytes: Uint8Array): string {
  const pieces: string[] = [];
  const sign = (value: number): string => ALPHABET[value & 63] ?? '';
  for (let index = 0; index < bytes.length; index += 3) {
    const a = bytes[index] ?? 0;
    const b = bytes[index + 1];
    const c = bytes[index + 2];
    const second = sign((a << 4) | ((b ?? 0) >> 4));
    const third = b === undefined ? '=' : sign((b << 2) | ((c ?? 0) >> 6));
    pieces.push(sign(a >> 2), second, third, c === undefined ? '=' : sign(c));
  }
  return pieces.join('');
}
