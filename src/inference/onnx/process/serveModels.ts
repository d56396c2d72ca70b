import type { Disposable } from '../../../common/disposable';
import type { Heartbeat } from '../../workerApi';
import type { OpenModel } from './modelServer';
import { ModelServer } from './modelServer';
import type { WorkerPort } from './workerPort';

/** How often the process says that its event loop turns, in milliseconds. */
export const HEARTBEAT_MS = 500;

/** How long an orderly end may take before the process ends the hard way, in milliseconds. */
const END_MS = 2000;

/**
 * Serves one model to the other end of the port until that end asks for the end, or is gone. A process whose user died
 * does not stay behind.
 */
export function serveModels(port: WorkerPort, openModel: OpenModel): Disposable {
  const heartbeat = { type: 'heartbeat' } satisfies Heartbeat;
  const beat = setInterval(() => port.post(heartbeat), HEARTBEAT_MS);
  const server = new ModelServer(port, openModel, () => end());
  const end = (): void => {
    clearInterval(beat);
    setTimeout(() => port.exit(), END_MS);
    server.dispose();
    // What is being stopped gets a turn to let go of its memory and files.
    setImmediate(() => port.exit());
  };
  port.onDisconnect(end);
  port.post(heartbeat);
  return { dispose: end };
}
