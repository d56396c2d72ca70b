// The platforms that a VSIX is built for.

/** By the name that VS Code gives the platform: what npm calls it. */
export const TARGETS = {
  'linux-x64': { os: 'linux', cpu: 'x64', libc: 'glibc' },
  'linux-arm64': { os: 'linux', cpu: 'arm64', libc: 'glibc' },
  'win32-x64': { os: 'win32', cpu: 'x64' },
  'win32-arm64': { os: 'win32', cpu: 'arm64' },
  'darwin-arm64': { os: 'darwin', cpu: 'arm64' },
  'darwin-x64': { os: 'darwin', cpu: 'x64' },
};

/** ONNX Runtime's library in onnxruntime-node, and what it loads from beside itself; there is no build for darwin-x64. */
const LIBRARIES = {
  linux: ['libonnxruntime.so.1'],
  win32: ['onnxruntime.dll', 'DirectML.dll', 'dxcompiler.dll', 'dxil.dll'],
  darwin: ['libonnxruntime.1.dylib'],
};

/**
 * The files that run models on a target; none where local models do not run.
 * @param {{ os: string, cpu: string }} target
 * @returns {string[]}
 */
export function inferenceLibraries({ os, cpu }) {
  return os === 'darwin' && cpu === 'x64' ? [] : LIBRARIES[os];
}

/** The target of this machine; it may be one that is not built. */
export const thisTarget = `${process.platform}-${process.arch}`;

/**
 * True when a lock file's entry is meant for a target. Entries that name no platform are meant for all.
 * @param {{ os?: string[], cpu?: string[], libc?: string[] }} entry
 * @param {{ os: string, cpu: string, libc?: string }} target
 */
export function isFor(entry, target) {
  const fits = (list, value) => list === undefined || list.includes(value);
  return fits(entry.os, target.os) && fits(entry.cpu, target.cpu) && fits(entry.libc, target.libc);
}
