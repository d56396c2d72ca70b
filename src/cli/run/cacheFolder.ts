import os from 'node:os';
import path from 'node:path';

const OWN = ['imcot', 'quantised'];

/**
 * Where quantised weights are kept unless somebody says otherwise: in the user's cache. Source: the XDG base directory
 * specification (a relative XDG_CACHE_HOME counts as none), on Windows the local application data.
 */
export function defaultCacheFolder(
  platform: NodeJS.Platform = process.platform,
  environment: NodeJS.ProcessEnv = process.env,
  home = os.homedir(),
): string {
  const named = environment[platform === 'win32' ? 'LOCALAPPDATA' : 'XDG_CACHE_HOME'];
  const { isAbsolute, join } = platform === 'win32' ? path.win32 : path.posix;
  if (named !== undefined && isAbsolute(named)) return join(named, ...OWN);
  return platform === 'win32' ? join(home, 'AppData', 'Local', ...OWN) : join(home, '.cache', ...OWN);
}
