import { setTimeout as delay } from 'node:timers/promises';
import type { ModelCatalogue } from '../models/modelCatalogue';
import type { ModelEntry, OpenedModel } from '../models/modelEntry';
import type { StoppableBackend } from './rolloutStop';

/**
 * Makes a model ready, and tells how far its loading is.
 * @throws ImcotError as `ModelCatalogue.open`
 */
export async function openModel(
  catalogue: Pick<ModelCatalogue, 'open' | 'stateOf' | 'onDidChange'>,
  model: ModelEntry,
  signal: AbortSignal,
  tell: (message: string, fraction?: number) => void,
): Promise<OpenedModel> {
  const look = (): void => {
    const state = catalogue.stateOf(model);
    if (state.status === 'loading') tell(state.message, state.fraction);
  };
  const listening = catalogue.onDidChange(look);
  try {
    return await catalogue.open(model, signal);
  } finally {
    listening.dispose();
  }
}

/** How long a stopped model may go on computing before it is unloaded, in milliseconds. */
const PATIENCE_MS = 5000;

/**
 * Gives a model back once it has answered everything: what a stop left running would hold up whoever uses it next. One
 * that does not come to an end is unloaded, so that a stop means that nothing computes any more.
 */
export async function giveBack(
  catalogue: Pick<ModelCatalogue, 'unload'>,
  opened: OpenedModel,
  backend: StoppableBackend,
): Promise<void> {
  const waited = new AbortController();
  const late = delay(PATIENCE_MS, true, { signal: waited.signal }).catch(() => false);
  const isLate = await Promise.race([backend.idle().then(() => false), late]);
  waited.abort();
  opened.dispose();
  if (isLate) await catalogue.unload(opened.entry);
}
