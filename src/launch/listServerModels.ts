import { modelNames } from '../inference/openai/describeServer';
import { ServerConnection } from '../inference/openai/serverConnection';
import type { OpenServerOptions } from './openServer';

/**
 * The names of the models that a server offers, in its own order. It is asked once: who waits for this can ask again.
 * @throws ImcotError when it can't be reached or refuses; the key stands in no message
 */
export async function listServerModels(
  options: Pick<OpenServerOptions, 'address' | 'key' | 'signal' | 'fetch'>,
): Promise<string[]> {
  const connection = new ServerConnection({ ...options, retries: { count: 0 } });
  try {
    return await modelNames(connection, options.signal);
  } finally {
    connection.close();
  }
}
