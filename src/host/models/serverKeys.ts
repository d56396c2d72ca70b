import type { Disposable } from '../../common/disposable';
import type { Event } from '../../common/event';
import { Secret } from '../../inference/openai/secret';

/** The part of the editor's secret storage that is used. */
export interface SecretStore {
  get(key: string): PromiseLike<string | undefined>;
  store(key: string, value: string): PromiseLike<void>;
  delete(key: string): PromiseLike<void>;
  onDidChange(listener: (change: { readonly key: string }) => void): Disposable;
}

const PREFIX = 'imcot.serverKey:';

/**
 * The keys of servers, in the editor's secret storage and nowhere else. Each belongs to an address as it was typed: a
 * server elsewhere never gets it.
 */
export class ServerKeys {
  constructor(private readonly store: SecretStore) {}

  /** Tells the address whose key is another one now, in this window or in another. */
  readonly onDidChange: Event<string> = (listener) =>
    this.store.onDidChange(({ key }) => {
      if (key.startsWith(PREFIX)) listener(key.slice(PREFIX.length));
    });

  async get(address: string): Promise<string | undefined> {
    return this.store.get(PREFIX + address);
  }

  /**
   * Keeps a key, or forgets it where the text is empty.
   * @throws ImcotError `usage` when it can't be a key; it is not repeated in the sentence
   */
  async set(address: string, key: string): Promise<void> {
    const trimmed = key.trim();
    if (trimmed === '') return this.forget(address);
    checkKey(trimmed);
    await this.store.store(PREFIX + address, trimmed);
  }

  async forget(address: string): Promise<void> {
    await this.store.delete(PREFIX + address);
  }
}

/**
 * What makes a text a key: it can stand in a request's header.
 * @throws ImcotError `usage`, without the text
 */
export const checkKey = (key: string): Secret => new Secret(key);
