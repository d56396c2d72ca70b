// A GPU in software: SwiftShader, the Vulkan driver that comes with Chromium, for machines without a GPU.
import { existsSync, realpathSync } from 'node:fs';
import path from 'node:path';
import { findBrowser } from './browser.mjs';

const DRIVER = 'vk_swiftshader_icd.json';
const LIBRARIES = ['libvk_swiftshader.so', 'libvulkan.so.1'];
/** Where distributions put what their `chromium` script starts. */
const USUAL = ['/usr/lib/chromium', '/usr/lib/chromium-browser', '/usr/lib64/chromium-browser'];

/**
 * The environment in which a new process finds SwiftShader; it must be set before that process starts.
 * @param {string | undefined} [browser] the browser's executable; the one that the tests use when absent
 * @returns {Promise<Record<string, string> | undefined>} `undefined` where there is none
 */
export async function softwareGpu(browser) {
  if (process.platform !== 'linux') return undefined;
  const executable = browser ?? (await findBrowser().catch(() => undefined));
  const beside = executable && existsSync(executable) ? [path.dirname(realpathSync(executable))] : [];
  const folder = [...beside, ...USUAL].find((candidate) =>
    [DRIVER, ...LIBRARIES].every((name) => existsSync(path.join(candidate, name))),
  );
  if (folder === undefined) return undefined;
  const libraries = [folder, process.env.LD_LIBRARY_PATH].filter(Boolean).join(path.delimiter);
  return { LD_LIBRARY_PATH: libraries, VK_ICD_FILENAMES: path.join(folder, DRIVER) };
}
