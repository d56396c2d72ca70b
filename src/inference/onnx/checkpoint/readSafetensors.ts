import type { FileHandle } from 'node:fs/promises';
import { open } from 'node:fs/promises';
import { ImcotError } from '../../../common/errors';
import { decodeUtf8 } from '../../../common/json';
import { readError } from './folderFiles';
import type { HeaderTensor } from './safetensorsHeader';
import { LENGTH_BYTES, MAX_HEADER_BYTES, parseSafetensorsHeader } from './safetensorsHeader';

const PEEK_BYTES = 128;

/**
 * The tensors of a safetensors file, by its header; no tensor's bytes are read. Nothing is allocated by what the file
 * says before that was compared with the file's size.
 * Errors: `missing`, `denied`; `input` when the file is torn or something else, saying what it seems to be.
 */
export async function readSafetensors(file: string): Promise<HeaderTensor[]> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(file, 'r');
    const { size } = await handle.stat();
    const start = await readAt(handle, 0, Math.min(PEEK_BYTES, size));
    const headerBytes = headerLength(start, file, size);
    return parseSafetensorsHeader(await readAt(handle, LENGTH_BYTES, headerBytes), file, size);
  } catch (thrown) {
    throw readError(thrown, file);
  } finally {
    await handle?.close();
  }
}

function headerLength(start: Uint8Array, file: string, size: number): number {
  const other = whatElse(start);
  if (other !== undefined) throw new ImcotError('input', `${file} holds no weights: it is ${other}.`);
  if (size < LENGTH_BYTES) {
    throw new ImcotError(
      'input',
      `${file} is no whole safetensors file: it has ${size} bytes. Download or copy it again.`,
    );
  }
  const length = new DataView(start.buffer, start.byteOffset).getBigUint64(0, true);
  if (length > BigInt(MAX_HEADER_BYTES)) {
    throw new ImcotError(
      'input',
      `${file} is no safetensors file: its first bytes ask for a header of ${length} bytes.`,
    );
  }
  if (LENGTH_BYTES + Number(length) > size) {
    throw new ImcotError(
      'input',
      `${file} is no whole safetensors file: its header ends at ${LENGTH_BYTES + Number(length)}, ` +
        `but only ${size} bytes are there. Download or copy it again.`,
    );
  }
  return Number(length);
}

/** What a file that should be safetensors is instead, where its first bytes say so. */
function whatElse(start: Uint8Array): string | undefined {
  const text = decodeUtf8(start);
  if (text.startsWith('version https://git-lfs')) {
    return 'a pointer that Git LFS left in its place. Run "git lfs pull" in the folder';
  }
  if (text.startsWith('GGUF')) return 'a GGUF file. Needed are the original safetensors';
  if (text.startsWith('PK')) return 'a PyTorch or ZIP archive. Needed are safetensors';
  if (/^\s*<(?:!doctype|html)/i.test(text))
    return 'a web page, perhaps of a failed download. Download it again';
  return undefined;
}

async function readAt(handle: FileHandle, offset: number, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await handle.read(bytes, filled, length - filled, offset + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return bytes.subarray(0, filled);
}
