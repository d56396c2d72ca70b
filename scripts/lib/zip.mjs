// Lists what a zip file holds (a VSIX is one), from its central directory alone. Field offsets: PKWARE APPNOTE 4.3.12
// (central directory header) and 4.3.16 (end of central directory record). No zip64: a VSIX is far smaller.
import { readFileSync } from 'node:fs';

const END_SIGNATURE = 0x06054b50;
const ENTRY_SIGNATURE = 0x02014b50;
const END_LENGTH = 22;

/**
 * @param {string} file
 * @returns {{ name: string, bytes: number, executable: boolean }[]} entries in file order; bytes uncompressed
 */
export function listZip(file) {
  const data = readFileSync(file);
  let end = data.length - END_LENGTH;
  while (end >= 0 && data.readUInt32LE(end) !== END_SIGNATURE) end--;
  if (end < 0) throw new Error(`${file} is not a zip file`);
  const entries = [];
  let at = data.readUInt32LE(end + 16);
  for (let left = data.readUInt16LE(end + 10); left > 0; left--) {
    if (data.readUInt32LE(at) !== ENTRY_SIGNATURE) throw new Error(`${file} has a torn central directory`);
    const [nameLength, extraLength, commentLength] = [28, 30, 32].map((offset) =>
      data.readUInt16LE(at + offset),
    );
    const mode = data.readUInt32LE(at + 38) >>> 16;
    entries.push({
      name: data.toString('utf8', at + 46, at + 46 + nameLength),
      bytes: data.readUInt32LE(at + 24),
      executable: (mode & 0o111) !== 0,
    });
    at += 46 + nameLength + extraLength + commentLength;
  }
  return entries;
}
