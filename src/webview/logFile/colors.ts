/** Red, green and blue from 0 to 255. */
export type Rgb = readonly [number, number, number];

/** Contrast that text has at least: WCAG asks for 4.5 (AA), and marked rows have another ground. */
const LEAST_CONTRAST = 5.5;
const CUBE = [0, 95, 135, 175, 215, 255];

/** A colour of the terminal's palette from 16 on: a cube of six steps a side, then greys. */
export function paletteColor(index: number): Rgb {
  if (index >= 232) {
    const grey = 8 + 10 * (index - 232);
    return [grey, grey, grey];
  }
  const at = index - 16;
  return [CUBE[Math.floor(at / 36)] ?? 0, CUBE[Math.floor(at / 6) % 6] ?? 0, CUBE[at % 6] ?? 0];
}

/** Reads `#rgb`, `#rrggbb` and `rgb(r, g, b)`; `undefined` for anything else, translucent colours included. */
export function parseColor(text: string): Rgb | undefined {
  const hex = /^#([0-9a-f]{3}|[0-9a-f]{6})(?:ff)?$/i.exec(text.trim())?.[1];
  if (hex !== undefined) {
    const digits = hex.length === 3 ? [...hex].map((digit) => digit + digit) : (hex.match(/../g) ?? []);
    const [red = 0, green = 0, blue = 0] = digits.map((pair) => parseInt(pair, 16));
    return [red, green, blue];
  }
  const parts = /^rgb\(\s*(\d+)[\s,]+(\d+)[\s,]+(\d+)\s*\)$/.exec(text.trim());
  return parts ? [Number(parts[1]), Number(parts[2]), Number(parts[3])] : undefined;
}

/** Relative luminance, 0 to 1 (WCAG 2). */
function luminance(color: Rgb): number {
  const [red = 0, green = 0, blue = 0] = color.map((value) => {
    const share = value / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** Contrast of two colours, 1 to 21 (WCAG 2). */
export function contrast(first: Rgb, second: Rgb): number {
  const [a, b] = [luminance(first), luminance(second)];
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
}

/** The colour itself where it can be read on the ground, else the nearest towards black or white that can. */
export function readableOn(color: Rgb, ground: Rgb): Rgb {
  if (contrast(color, ground) >= LEAST_CONTRAST) return color;
  const end: Rgb =
    contrast([255, 255, 255], ground) >= contrast([0, 0, 0], ground) ? [255, 255, 255] : [0, 0, 0];
  for (let share = 0.1; share < 1; share += 0.1) {
    const [red = 0, green = 0, blue = 0] = color.map((value, at) =>
      Math.round(value + (end[at as 0] - value) * share),
    );
    if (contrast([red, green, blue], ground) >= LEAST_CONTRAST) return [red, green, blue];
  }
  return end;
}

/** As CSS writes it. */
export const cssColor = ([red, green, blue]: Rgb): string => `rgb(${red}, ${green}, ${blue})`;
