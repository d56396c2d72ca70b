import { h } from '../../shared/dom';
import type { Colour } from './colours';
import { parseColour } from './colours';
import { RUN_TONE_COUNT, runTone, STAGE_TONE_COUNT, stageTone } from './tones';

/** What the theme says about a drawing, worked out to plain colours: canvases and SVG know no CSS variables. */
export interface ChartTheme {
  readonly isHighContrast: boolean;
  readonly isLight: boolean;
  readonly ground: Colour;
  readonly text: Colour;
  readonly soft: Colour;
  /** Of grid lines and frames. */
  readonly grid: Colour;
  /** By colour number of a run. */
  readonly runs: readonly Colour[];
  /** By index of a stage. */
  readonly stages: readonly Colour[];
  readonly heat: Colour;
  readonly fontFamily: string;
  /** Of axis labels, CSS pixels. */
  readonly fontSize: number;
}

/** Finds out what the theme says now, with elements of its own that nobody sees. */
export class ThemeProbe {
  readonly element = h('div', { class: 'chart-probes', 'aria-hidden': 'true' });
  private readonly probes = new Map<string, HTMLElement>();

  read(): ChartTheme {
    const classes = document.body.classList;
    const style = getComputedStyle(this.element);
    return {
      isHighContrast:
        classes.contains('vscode-high-contrast') || classes.contains('vscode-high-contrast-light'),
      isLight: classes.contains('vscode-light') || classes.contains('vscode-high-contrast-light'),
      ground: this.colour('probe-ground'),
      text: this.colour('probe-text'),
      soft: this.colour('probe-soft'),
      grid: this.colour('probe-grid'),
      runs: Array.from({ length: RUN_TONE_COUNT }, (_, at) => this.colour(`probe-tone tone-${runTone(at)}`)),
      stages: Array.from({ length: STAGE_TONE_COUNT }, (_, at) =>
        this.colour(`probe-tone tone-${stageTone(at)}`),
      ),
      heat: this.colour('probe-tone tone-blue'),
      fontFamily: style.fontFamily,
      fontSize: 11,
    };
  }

  private colour(classes: string): Colour {
    let probe = this.probes.get(classes);
    if (!probe) {
      probe = h('span', { class: classes });
      this.probes.set(classes, probe);
      this.element.append(probe);
    }
    return parseColour(getComputedStyle(probe).color);
  }
}

/** Calls the listener after the editor's theme has changed; returns what ends that. */
export function onThemeChange(listener: () => void): () => void {
  const observer = new MutationObserver(listener);
  // VS Code exchanges the body's classes, and the variables in the root element's style.
  observer.observe(document.body, { attributes: true, attributeFilter: ['class', 'data-vscode-theme-id'] });
  observer.observe(document.documentElement, { attributes: true, attributeFilter: ['style'] });
  return () => observer.disconnect();
}
