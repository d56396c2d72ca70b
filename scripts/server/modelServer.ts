import { type ChildProcess, spawn } from 'node:child_process';
import { open } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import path from 'node:path';

const START_MS = 180_000;
const ASK_MS = 250;

/** A real server of a model. */
export interface ModelServer {
  readonly address: string;
  /** The name under which it serves the checkpoint: a path, from where it was started. */
  readonly model: string;
  stop(): Promise<void>;
}

/** What to start. */
export interface ModelServerOptions {
  readonly python: string;
  /** The checkpoint folder, absolute. */
  readonly checkpoint: string;
  /** Where the server may keep files of its own. */
  readonly workFolder: string;
  /** What it prints goes here. */
  readonly logFile: string;
}

/**
 * Starts `transformers serve` on a checkpoint, without a network, and waits until it answers.
 * @throws Error with the end of what it printed
 */
export async function startModelServer(options: ModelServerOptions): Promise<ModelServer> {
  const { python, checkpoint, workFolder, logFile } = options;
  const port = await freePort();
  const address = `http://127.0.0.1:${port}`;
  const model = path.basename(checkpoint);
  const log = await open(logFile, 'w');
  const words = ['serve', model, '--host', '127.0.0.1', '--port', String(port), '--device', 'cpu'];
  const child = spawn(python, [path.join(__dirname, 'serve.py'), ...words], {
    cwd: path.dirname(checkpoint),
    stdio: ['ignore', log.fd, log.fd],
    env: { ...process.env, HF_HUB_OFFLINE: '1', HF_HOME: workFolder, OMP_NUM_THREADS: '1' },
  });
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  });
  await log.close();
  const stop = async (): Promise<void> => {
    child.kill('SIGKILL');
    await ended;
  };
  try {
    await untilHealthy(address, child);
  } catch (thrown) {
    await stop();
    throw thrown;
  }
  return { address, model, stop };
}

/** A port that nobody listens on now. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function untilHealthy(address: string, child: ChildProcess): Promise<void> {
  for (const until = Date.now() + START_MS; Date.now() < until;) {
    if (child.exitCode !== null || child.pid === undefined)
      throw new Error(`transformers serve ended with ${child.exitCode ?? 'nothing'} before it answered.`);
    try {
      if ((await fetch(`${address}/health`, { signal: AbortSignal.timeout(2000) })).ok) return;
    } catch {
      // Not yet.
    }
    await new Promise((resolve) => setTimeout(resolve, ASK_MS));
  }
  throw new Error(`transformers serve did not answer within ${START_MS / 1000} seconds.`);
}
