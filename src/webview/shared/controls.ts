import { provideVSCodeDesignSystem, vsCodeButton } from '@vscode/webview-ui-toolkit';
import { icon } from './dom';

/*
 * The one place that knows the toolkit. It is no longer maintained: whoever replaces it changes this file alone.
 * Of its components the button is used. Its tag, badge and progress ring carry style attributes, which the content
 * security policy blocks.
 */

/** Registers the components that the factories below make. To be called once, before the first of them is used. */
export function registerControls(): void {
  provideVSCodeDesignSystem().register(vsCodeButton());
}

/** A button with words on it. */
export function button(
  label: string,
  press: () => void,
  appearance: 'primary' | 'secondary' = 'secondary',
): HTMLElement {
  const element = document.createElement('vscode-button');
  element.setAttribute('appearance', appearance);
  element.textContent = label;
  element.addEventListener('click', press);
  return element;
}

/** A button that is a codicon; `label` is its name and its tooltip. */
export function iconButton(name: string, label: string, press: () => void): HTMLElement {
  const element = document.createElement('vscode-button');
  element.setAttribute('appearance', 'icon');
  element.setAttribute('aria-label', label);
  element.title = label;
  element.append(icon(name));
  element.addEventListener('click', press);
  return element;
}

/** Enables or disables one of the buttons above. */
export function setEnabled(control: HTMLElement, enabled: boolean): void {
  control.toggleAttribute('disabled', !enabled);
}
