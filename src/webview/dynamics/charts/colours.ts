/** A colour: red, green and blue from 0 to 255, opacity from 0 to 1. */
export interface Colour {
  readonly red: number;
  readonly green: number;
  readonly blue: number;
  readonly alpha: number;
}

const BLACK: Colour = { red: 0, green: 0, blue: 0, alpha: 1 };

const channel = (value: number): number => Math.min(255, Math.max(0, Math.round(value)));

/**
 * Reads a computed colour as browsers write it: `rgb(…)`, `rgba(…)`, or `color(srgb …)` for mixed ones (CSS Color 4,
 * "Serializing <color> values"). Anything else is black.
 */
export function parseColour(text: string): Colour {
  const numbers = (text.match(/-?[\d.]+(?:e-?\d+)?/g) ?? []).map(Number);
  const scale = text.startsWith('color(srgb') ? 255 : text.startsWith('rgb') ? 1 : NaN;
  const [red = NaN, green = NaN, blue = NaN, alpha = 1] = numbers;
  if (![red, green, blue, alpha, scale].every(Number.isFinite)) return BLACK;
  return { red: channel(red * scale), green: channel(green * scale), blue: channel(blue * scale), alpha };
}

/** For canvases and styles; `opacity` weakens what the colour has. */
export function cssColour({ red, green, blue, alpha }: Colour, opacity = 1): string {
  return `rgba(${red}, ${green}, ${blue}, ${Number((alpha * opacity).toFixed(3))})`;
}

const hex = (value: number): string => channel(value).toString(16).padStart(2, '0');

/** `#rrggbb`, which every reader of SVG knows; the opacity is said apart. */
export function hexColour({ red, green, blue }: Colour): string {
  return `#${hex(red)}${hex(green)}${hex(blue)}`;
}
