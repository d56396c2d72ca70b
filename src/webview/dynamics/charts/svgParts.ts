import { escapeMarkup } from '../../../common/escapeMarkup';
import type { Colour } from './colours';
import { hexColour } from './colours';

/** Attribute values; `undefined` is left out. */
export type SvgAttributes = Readonly<Record<string, string | number | undefined>>;

/** What XML 1.0 cannot hold, even escaped (section 2.2, Char): control characters, lone surrogates, two noncharacters. */
const NOT_XML =
  // eslint-disable-next-line no-control-regex -- control characters are what this is about
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** Text for content and for attributes in double quotes. */
export function escapeXml(text: string): string {
  return escapeMarkup(text.replace(NOT_XML, '\ufffd'));
}

/** A number as short as a hundredth of a pixel allows. */
export function short(value: number): string {
  return String(Math.round(value * 100) / 100);
}

/** An element; the content is markup already. */
export function tag(name: string, attributes: SvgAttributes, content = ''): string {
  const written = Object.entries(attributes).flatMap(([key, value]) =>
    value === undefined ? [] : [` ${key}="${typeof value === 'number' ? short(value) : escapeXml(value)}"`],
  );
  return content === ''
    ? `<${name}${written.join('')}/>`
    : `<${name}${written.join('')}>${content}</${name}>`;
}

/** A line of text; `anchor` as in SVG's `text-anchor`. */
export function textAt(x: number, y: number, text: string, more: SvgAttributes): string {
  return tag('text', { x, y, ...more }, escapeXml(text));
}

/** Fill attributes of a colour. */
export function fillOf(colour: Colour, opacity = 1): SvgAttributes {
  const whole = colour.alpha * opacity;
  return { fill: hexColour(colour), 'fill-opacity': whole < 1 ? whole : undefined };
}

/** Stroke attributes of a colour. */
export function strokeOf(
  colour: Colour,
  width: number,
  opacity = 1,
  dash: readonly number[] = [],
): SvgAttributes {
  const whole = colour.alpha * opacity;
  return {
    stroke: hexColour(colour),
    'stroke-width': width,
    'stroke-opacity': whole < 1 ? whole : undefined,
    'stroke-dasharray': dash.length > 0 ? dash.join(' ') : undefined,
    fill: 'none',
  };
}

/** Path data of points; a point without a place is a gap. */
export function pathOf(points: Iterable<readonly [number, number]>): string {
  const parts: string[] = [];
  let isDown = false;
  for (const [x, y] of points) {
    if (Number.isNaN(x) || Number.isNaN(y)) {
      isDown = false;
      continue;
    }
    parts.push(`${isDown ? 'L' : 'M'}${short(x)} ${short(y)}`);
    isDown = true;
  }
  return parts.join('');
}
