import type * as vscode from 'vscode';
import type { MessagePortLike } from '../common/rpc';

/** A webview's messages as a port for a `Channel`. What is posted to a page that is gone or hidden is lost. */
export function webviewPort(webview: vscode.Webview): MessagePortLike {
  return {
    post: (message) => void webview.postMessage(message),
    onMessage: (listener) => webview.onDidReceiveMessage((message: unknown) => listener(message)),
  };
}
