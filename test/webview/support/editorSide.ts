/** What the editor does to a page before its script runs. */
export interface EditorSide {
  readonly theme: {
    readonly bodyClass: string;
    readonly kind: string;
    readonly id: string;
    readonly variables: Readonly<Record<string, string>>;
  };
  readonly state: unknown;
}

/**
 * Runs in the page, before anything of the page itself: `acquireVsCodeApi`, the theme's variables and classes, the
 * editor's default style, and the report of policy violations. It is sent there as text, so it may use nothing from
 * outside itself. Styles go through the CSS object model, which the policy does not restrict (the editor's own way).
 */
export function installEditorSide({ theme, state }: EditorSide): void {
  const bridge = window as unknown as {
    editorReceive(message: unknown): Promise<void>;
    editorViolation(text: string): Promise<void>;
    acquireVsCodeApi?: () => unknown;
  };
  const key = 'editor-state';
  if (sessionStorage.getItem(key) === null && state !== undefined)
    sessionStorage.setItem(key, JSON.stringify(state));
  let acquired = false;
  bridge.acquireVsCodeApi = () => {
    if (acquired) throw new Error('An instance of the VS Code API has already been acquired');
    acquired = true;
    return Object.freeze({
      postMessage: (message: unknown) => void bridge.editorReceive(structuredClone(message)),
      getState: () => JSON.parse(sessionStorage.getItem(key) ?? 'null') ?? undefined,
      setState: (next: unknown) => {
        sessionStorage.setItem(key, JSON.stringify(next));
        return next;
      },
    });
  };
  document.addEventListener('securitypolicyviolation', (event) => {
    void bridge.editorViolation(`${event.effectiveDirective} ${event.blockedURI}`);
  });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(
    `@layer vscode-default {
      html { background: var(--vscode-editor-background); }
      body { background: transparent; color: var(--vscode-editor-foreground); margin: 0; padding: 0 20px;
             font: var(--vscode-font-weight) var(--vscode-font-size) var(--vscode-font-family); }
      img, video { max-width: 100%; max-height: 100%; }
    }`,
  );
  const decorate = (): boolean => {
    const { documentElement, body } = document as {
      documentElement: HTMLElement | null;
      body: HTMLElement | null;
    };
    if (documentElement === null || body === null) return false;
    for (const [name, value] of Object.entries(theme.variables))
      documentElement.style.setProperty(name, value);
    body.classList.add(...theme.bodyClass.split(' '));
    body.dataset.vscodeThemeKind = theme.kind;
    body.dataset.vscodeThemeId = theme.id;
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
    return true;
  };
  const observer = new MutationObserver(() => {
    if (decorate()) observer.disconnect();
  });
  if (!decorate()) observer.observe(document, { childList: true, subtree: true });
}
