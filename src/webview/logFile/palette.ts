import type { AnsiColor, AnsiStyle } from './ansi';
import type { Rgb } from './colors';
import { cssColor, paletteColor, parseColor, readableOn } from './colors';

const NAMES = ['Black', 'Red', 'Green', 'Yellow', 'Blue', 'Magenta', 'Cyan', 'White'];
/** Where a theme names no terminal colours. */
const PLAIN = '000000 cd3131 0dbc79 e5e510 2472c8 bc3fbc 11a8cd e5e5e5'.split(' ');
const BRIGHT = '666666 f14c4c 23d18b f5f543 3b8eea d670d6 29b8db ffffff'.split(' ');

/** The colours of the theme that is on, for terminal text. */
export class Palette {
  private ground: Rgb = [0, 0, 0];
  private text: Rgb = [255, 255, 255];
  private basic: readonly Rgb[] = [];

  constructor() {
    this.read();
  }

  /** Reads the theme anew: when another one was chosen. */
  read(): void {
    const style = getComputedStyle(document.documentElement);
    const of = (name: string, fallback: string): Rgb =>
      parseColor(style.getPropertyValue(name)) ?? parseColor(fallback) ?? [128, 128, 128];
    this.ground = of('--vscode-editor-background', '#1e1e1e');
    this.text = of('--vscode-editor-foreground', '#cccccc');
    this.basic = [...PLAIN, ...BRIGHT].map((fallback, at) =>
      of(`--vscode-terminal-ansi${at < 8 ? '' : 'Bright'}${NAMES[at % 8] ?? ''}`, `#${fallback}`),
    );
  }

  /** Draws an element in a style. Properties, not attributes: those the content policy blocks. */
  apply({ style: target, classList }: HTMLElement, style: AnsiStyle): void {
    for (const name of ['bold', 'dim', 'italic', 'underline', 'strike'] as const)
      if (style[name]) classList.add(`ansi-${name}`);
    const own = { color: this.rgb(style.color), ground: this.rgb(style.background) };
    const color = style.inverse ? (own.ground ?? this.ground) : own.color;
    const ground = style.inverse ? (own.color ?? this.text) : own.ground;
    if (ground) target.setProperty('background-color', cssColor(ground));
    if (color || ground) {
      target.setProperty('color', cssColor(readableOn(color ?? this.text, ground ?? this.ground)));
    }
  }

  private rgb(color: AnsiColor | undefined): Rgb | undefined {
    if (typeof color !== 'number') return color;
    return color < 16 ? this.basic[color] : paletteColor(color);
  }
}
