import { toDisposable } from '../../common/disposable';
import type { MessagePortLike, RemoteApi } from '../../common/rpc';
import { Channel } from '../../common/rpc';

/** What VS Code gives to a page, once. */
interface VsCodeApi {
  postMessage(message: unknown): void;
  getState(): unknown;
  setState(state: unknown): void;
}
declare function acquireVsCodeApi(): VsCodeApi;

/** The extension host as a page sees it. */
export interface Host<Remote> {
  /** Its methods. */
  readonly remote: RemoteApi<Remote>;
  /** What an earlier life of this page wrote; anything, so check it. Undefined at the first opening. */
  readState(): unknown;
  /** Small and free of data: navigation and UI only. */
  writeState(state: unknown): void;
}

function windowPort(api: VsCodeApi): MessagePortLike {
  return {
    post: (message) => api.postMessage(message),
    onMessage: (listener) => {
      const receive = (event: MessageEvent<unknown>): void => listener(event.data);
      window.addEventListener('message', receive);
      return toDisposable(() => window.removeEventListener('message', receive));
    },
  };
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

/**
 * Connects the page. To be called once.
 * @param local the methods that the extension host may call
 */
export function connectHost<Remote>(local: object): Host<Remote> {
  const api = acquireVsCodeApi();
  const opened = document.querySelector<HTMLMetaElement>('meta[name=imcot-opened]')?.content;
  // Whatever the page writes, the host finds in it what was open; also when the page writes nothing.
  const keep = (state: unknown): void =>
    api.setState(opened === undefined ? state : { ...(isObject(state) ? state : {}), opened });
  if (opened !== undefined) keep(api.getState());
  const channel = new Channel<Remote>(windowPort(api), local);
  return {
    remote: channel.remote,
    readState: () => {
      const state = api.getState();
      const isOurs = opened !== undefined && isObject(state) && Object.keys(state).length === 1;
      return isOurs ? undefined : state;
    },
    writeState: keep,
  };
}
