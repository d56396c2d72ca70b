import { existsSync } from 'node:fs';
import path from 'node:path';
import { ImcotError } from '../../../common/errors';

const NAMES: Partial<Record<NodeJS.Platform, string>> = {
  linux: 'libonnxruntime.so.1',
  darwin: 'libonnxruntime.1.dylib',
  win32: 'onnxruntime.dll',
};

/**
 * Where the shared library of onnxruntime-node lies for this machine.
 * @throws ImcotError `missing` where the package has none (macOS on Intel, say) or is not installed
 */
export function libraryPath(platform = process.platform, arch: string = process.arch): string {
  const name = NAMES[platform];
  const machine = `${platform}-${arch}`;
  if (name === undefined) throw new ImcotError('missing', `There is no local inference on ${machine}.`);
  let folder: string;
  try {
    folder = path.dirname(require.resolve('onnxruntime-node/package.json'));
  } catch {
    throw new ImcotError('missing', 'onnxruntime-node is not installed: local inference needs it.');
  }
  const file = path.join(folder, 'bin', 'napi-v6', platform, arch, name);
  if (!existsSync(file)) {
    throw new ImcotError('missing', `There is no local inference on ${machine}: ${file} does not exist.`);
  }
  return file;
}
