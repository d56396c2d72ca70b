import { ImcotError } from '../../common/errors';
import { parseServerAddress } from '../../inference/openai/serverAddress';
import { SETTINGS } from '../contributions';
import type { SettingValue } from './modelSettings';

/** A server of the settings. Its key stands elsewhere. */
export interface ServerSetting {
  /** For people. */
  readonly name: string;
  /** As the person typed it. */
  readonly address: string;
  /** One of the server's models; absent: its only one. */
  readonly model?: string;
}

/**
 * Reads the servers of the settings.
 * @throws ImcotError `usage` naming the entry that is off and what it must be; a text in which a password may stand is not
 *   repeated
 */
export function readServers(value: SettingValue): ServerSetting[] {
  const list = value(SETTINGS.servers);
  if (!Array.isArray(list)) throw wrong('it must be a list of servers');
  return list.map((entry: unknown, at) => readServer(entry, `entry ${at + 1}`));
}

function readServer(entry: unknown, where: string): ServerSetting {
  const { name, address, model } = (entry ?? {}) as Record<string, unknown>;
  if (typeof address !== 'string' || address.trim() === '') throw wrong(`${where} needs an "address"`);
  if (name !== undefined && typeof name !== 'string') throw wrong(`the "name" of ${where} must be a text`);
  if (model !== undefined && typeof model !== 'string') throw wrong(`the "model" of ${where} must be a text`);
  try {
    const { origin } = parseServerAddress(address);
    const known = { name: name?.trim() || new URL(origin).host, address: address.trim() };
    return model === undefined || model === '' ? known : { ...known, model };
  } catch (thrown) {
    if (thrown instanceof ImcotError) throw wrong(`${where}: ${thrown.message}`);
    throw thrown;
  }
}

const wrong = (reason: string): ImcotError =>
  new ImcotError('usage', `The setting ${SETTINGS.servers} can't be used: ${reason}.`.replace(/\.\.$/, '.'));
