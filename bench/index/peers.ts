import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';

/** Where the VS Code host that the integration tests install keeps its own ripgrep. */
const HOST_RIPGREP = path.join(
  '.vscode-test/host/node_modules/code-server/lib/vscode/node_modules/@vscode/ripgrep-universal/bin',
  `${process.platform}-${process.arch}`,
  'rg',
);

/** A program to be compared with. */
export interface Peer {
  readonly command: string;
  /** Version, and where it came from. */
  readonly what: string;
}

function versionOf(command: string): string | undefined {
  const asked = spawnSync(command, ['--version'], { encoding: 'utf8' });
  return asked.status === 0 ? asked.stdout.split('\n')[0]?.trim() : undefined;
}

/** ripgrep from the PATH, else from Debian's packages when that is allowed, else the VS Code host's own. */
export function findRipgrep(root: string): Peer {
  const known = versionOf('rg');
  if (known !== undefined) return { command: 'rg', what: `${known}, found on the PATH` };
  if (process.getuid?.() === 0 && versionOf('apt-get') !== undefined) {
    const installed = spawnSync('apt-get', ['install', '-y', '-q', 'ripgrep'], { stdio: 'ignore' });
    const version = installed.status === 0 ? versionOf('rg') : undefined;
    if (version !== undefined) return { command: 'rg', what: `${version}, installed with apt-get` };
  }
  const host = path.join(root, HOST_RIPGREP);
  const version = existsSync(host) ? versionOf(host) : undefined;
  if (version === undefined) throw new Error('no ripgrep: install it, or run the integration tests once');
  return { command: host, what: `${version}, the VS Code host's own` };
}
