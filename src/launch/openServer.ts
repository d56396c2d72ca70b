import type { Disposable } from '../common/disposable';
import { SharpImageStore } from '../imaging/sharpImageStore';
import type { Backend } from '../inference/backend';
import { openServerModel } from '../inference/openai/serverModel';
import type { ServerModelOptions } from '../inference/openai/serverOptions';

/** Which server, and how it is spoken to; each as `ServerModelOptions` says. */
export type OpenServerOptions = Pick<
  ServerModelOptions,
  'address' | 'model' | 'key' | 'concurrency' | 'contextLength' | 'logger' | 'signal' | 'fetch'
>;

/**
 * Opens a server's model for rollouts. Pictures go there as PNG, so that the model is shown every pixel as it is.
 * Disposing it ends what is running.
 * @throws ImcotError as `openServerModel`
 */
export async function openServer(options: OpenServerOptions): Promise<Backend> {
  const images = new SharpImageStore();
  try {
    const encodeImage: ServerModelOptions['encodeImage'] = (image) =>
      images.encode(image, { lossless: true });
    return withOwned(await openServerModel({ ...options, encodeImage }), images);
  } catch (thrown) {
    images.dispose();
    throw thrown;
  }
}

function withOwned(backend: Backend, owned: Disposable): Backend {
  return {
    capabilities: backend.capabilities,
    defaults: backend.defaults,
    start: () => backend.start(),
    dispose: () => {
      backend.dispose();
      owned.dispose();
    },
  };
}
