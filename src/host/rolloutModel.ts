import type { ModelCatalogue } from './modelCatalogue';
import type { ModelEntry, OpenedModel } from './modelEntry';

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
