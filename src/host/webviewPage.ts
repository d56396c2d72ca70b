import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';
import { errorCode } from '../common/errors';
import type { Logger } from '../common/logger';
import { reportError } from './commands';
import { webviewHtml } from './webviewHtml';

/** A page of ours. */
export interface WebviewPage {
  readonly extensionUri: vscode.Uri;
  /** Of the built script and style in dist/webview. */
  readonly name: string;
  /** For assistive technology; plain text. */
  readonly title: string;
  /** What the page is to keep in its state beside its own, for whoever finds it again; see `webviewHtml`. */
  readonly opened?: string;
}

/** Loads a page into a webview. Whoever talks to it listens before. */
export function loadPage(webview: vscode.Webview, { extensionUri, name, title, opened }: WebviewPage): void {
  const pages = vscode.Uri.joinPath(extensionUri, 'dist', 'webview');
  webview.options = { enableScripts: true, localResourceRoots: [pages] };
  const asset = (file: string): string => webview.asWebviewUri(vscode.Uri.joinPath(pages, file)).toString();
  webview.html = webviewHtml({
    cspSource: webview.cspSource,
    nonce: randomBytes(18).toString('base64url'),
    scriptUri: asset(`${name}.js`),
    styleUris: [asset('codicon.css'), asset(`${name}.css`)],
    title,
    ...(opened !== undefined && { opened }),
  });
}

/**
 * What a person asked for by a button of a page fails as a command does: with a message of the editor, not only on the
 * page.
 */
export async function shownToPerson<T>(work: Promise<T>, logger: Logger): Promise<T> {
  try {
    return await work;
  } catch (thrown) {
    if (errorCode(thrown) !== 'cancelled') reportError(thrown, logger);
    throw thrown;
  }
}
