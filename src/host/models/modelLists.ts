import { ImcotError } from '../../common/errors';
import type { ServerSetting } from './serverSettings';

/*
 * Changes to the settings' lists of models. The lists are taken and given as they stand in the settings, so that what a
 * person wrote there stays as it is.
 */

/** The list of folders with one more; the same list when it is there already. */
export function withFolder(
  list: readonly unknown[],
  folder: string,
  absolute: (entry: unknown) => string | undefined,
): readonly unknown[] {
  return list.some((entry) => absolute(entry) === folder) ? list : [...list, folder];
}

/** The list of folders without one, however it is written there. */
export function withoutFolder(
  list: readonly unknown[],
  folder: string,
  absolute: (entry: unknown) => string | undefined,
): readonly unknown[] {
  return list.filter((entry) => absolute(entry) !== folder);
}

/**
 * The list of servers with one more.
 * @throws ImcotError `usage` when it is there already
 */
export function withServer(list: readonly unknown[], server: ServerSetting): readonly unknown[] {
  if (list.some((entry) => isServer(entry, server))) {
    throw new ImcotError('usage', `This model of ${server.address} is in the list of models already.`);
  }
  return [...list, server];
}

/** The list of servers without one. */
export function withoutServer(
  list: readonly unknown[],
  server: Pick<ServerSetting, 'address' | 'model'>,
): readonly unknown[] {
  return list.filter((entry) => !isServer(entry, server));
}

function isServer(entry: unknown, { address, model }: Pick<ServerSetting, 'address' | 'model'>): boolean {
  const { address: place, model: name } = (entry ?? {}) as Record<string, unknown>;
  return typeof place === 'string' && place.trim() === address && (name ?? '') === (model ?? '');
}
