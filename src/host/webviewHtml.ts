import { escapeMarkup } from '../common/escapeMarkup';

/** What a page's shell needs; the URIs as the webview sees them. */
export interface WebviewShell {
  /** `webview.cspSource`: where the extension's own files come from. */
  readonly cspSource: string;
  /** Fresh for every load, base64 or base64url. */
  readonly nonce: string;
  readonly scriptUri: string;
  readonly styleUris: readonly string[];
  /** For assistive technology; plain text. */
  readonly title: string;
  /**
   * An id without a meaning for the page, which it keeps in its state: what the editor brings back after a reload is
   * that state alone, and from the id the extension host knows what was open.
   */
  readonly opened?: string;
}

/** The name of the `meta` element that carries `opened`. */
export const OPENED_META = 'imcot-opened';

/** The element that a page's script draws into. */
export const PAGE_ROOT_ID = 'root';

/**
 * The content security policy of every page of ours: nothing by default, the one script of this load, our own styles and
 * fonts, pictures only from bytes that the host sent. The nonce in `style-src` is for the control toolkit, which adds a
 * style element of its own.
 */
export function contentSecurityPolicy(cspSource: string, nonce: string): string {
  return [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    `style-src ${cspSource} 'nonce-${nonce}'`,
    `font-src ${cspSource}`,
    'img-src blob:',
    "connect-src 'none'",
    "form-action 'none'",
    "base-uri 'none'",
    "frame-src 'none'",
  ].join('; ');
}

/** The whole document of a page. It holds no data: all of that comes by message once the page listens. */
export function webviewHtml(shell: WebviewShell): string {
  const nonce = escapeMarkup(shell.nonce);
  const policy = escapeMarkup(contentSecurityPolicy(shell.cspSource, shell.nonce));
  const styles = shell.styleUris.map((uri) => `<link rel="stylesheet" href="${escapeMarkup(uri)}">`);
  return [
    '<!DOCTYPE html>',
    '<html lang="en">',
    '<head>',
    '<meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="${policy}">`,
    // Where the control toolkit looks for the nonce of its style element.
    `<meta property="csp-nonce" content="${nonce}">`,
    ...(shell.opened === undefined
      ? []
      : [`<meta name="${OPENED_META}" content="${escapeMarkup(shell.opened)}">`]),
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<title>${escapeMarkup(shell.title)}</title>`,
    ...styles,
    '</head>',
    '<body>',
    `<div id="${PAGE_ROOT_ID}"></div>`,
    `<script nonce="${nonce}" src="${escapeMarkup(shell.scriptUri)}"></script>`,
    '</body>',
    '</html>',
  ].join('\n');
}
