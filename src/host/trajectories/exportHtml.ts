import { createHash } from 'node:crypto';
import { encodeBase64 } from '../../common/base64';
import type { BoundingBox, Size } from '../../common/boundingBox';
import { escapeMarkup } from '../../common/escapeMarkup';
import { codePointName, HIDDEN_CHARACTERS } from '../../common/hiddenCharacters';
import type { ImageView, PartView, TrajectoryView, TurnView } from '../../protocol/trajectoryView';
import { EXPORT_STYLE } from './exportStyle';
import type { ExportInput } from './exportWords';
import { callRemarks, callWords, factsOf, isPlainPicture, pictureWords, tokenWords } from './exportWords';

/** Colours of boxes and calls, one per turn, again from the start after the last. */
const TONES = 6;

/**
 * One rollout as a page of its own: every picture is inside, nothing in it runs, and nothing is asked of any place.
 * Text stands as it was written; characters that hide or reorder are named.
 */
export function exportHtml(input: ExportInput): string {
  const { view } = input;
  const title = `Rollout ${view.index} of ${input.log}`;
  const facts = factsOf(input).map(([name, value]) => `<dt>${name}</dt><dd>${line(value)}</dd>`);
  const body = [
    `<h1>${words(view.question)}</h1>`,
    `<dl>${facts.join('')}</dl>`,
    ...view.originals.map((image, index) => original(image, index === 0, input)),
    view.user.trim() === view.question.trim() ? '' : section('Prompt', text(view.user)),
    ...view.turns.map((turn, index) => turnHtml(turn, index, input)),
    view.system === undefined ? '' : section('System prompt', text(view.system)),
  ];
  return `${[...head(title), ...body.filter((piece) => piece !== ''), '</main>', '</body>', '</html>'].join('\n')}\n`;
}

function head(title: string): string[] {
  const hash = createHash('sha256').update(EXPORT_STYLE).digest('base64');
  const policy = `default-src 'none'; img-src data:; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'`;
  return [
    '<!DOCTYPE html>',
    '<html lang="en">',
    '<head>',
    '<meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="${policy}">`,
    '<meta name="referrer" content="no-referrer">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<title>${escapeMarkup(named(title))}</title>`,
    `<style>${EXPORT_STYLE}</style>`,
    '</head>',
    '<body>',
    '<main>',
  ];
}

function named(value: string): string {
  return value.replace(HIDDEN_CHARACTERS, (character) => `[${codePointName(character)}]`);
}

/** Words of a file: escaped, with the characters that hide named in marks of their own. */
function words(value: string): string {
  return escapeMarkup(value.replace(/\r\n/g, '\n')).replace(
    HIDDEN_CHARACTERS,
    (character) => `<span class="hidden">${codePointName(character)}</span>`,
  );
}

const line = (value: string): string => `<bdi>${words(value)}</bdi>`;
const text = (value: string, kind = ''): string =>
  `<div class="text ${kind}" dir="auto">${words(value.trim())}</div>`;
const section = (title: string, content: string): string => `<section><h2>${title}</h2>${content}</section>`;

function address(id: string, { pictures }: ExportInput): string | undefined {
  const picture = pictures.get(id);
  if (!picture || !isPlainPicture(picture)) return undefined;
  return `data:${picture.mediaType};base64,${encodeBase64(picture.bytes)}`;
}

function picture(image: ImageView, name: string, input: ExportInput): string {
  const data = address(image.id, input);
  const shown = data === undefined ? '' : `<img src="${data}" alt="${escapeMarkup(named(name))}">`;
  return `<figure>${shown}<figcaption>${line(pictureWords(image))}</figcaption></figure>`;
}

/** The original with every box that lies on it; boxes without a picture where only its size is known. */
function original(image: ImageView, isFirst: boolean, input: ExportInput): string {
  const { size } = image;
  if (!size || size.width <= 0 || size.height <= 0) return picture(image, 'Original', input);
  const data = address(image.id, input);
  const shape = `x="0" y="0" width="${size.width}" height="${size.height}"`;
  const ground = data === undefined ? `<rect class="nothing" ${shape}/>` : `<image ${shape} href="${data}"/>`;
  const truths = isFirst ? (input.view.groundTruthBoxes?.boxes ?? []) : [];
  const drawn = [
    ground,
    ...truths.map((box) => rectangle(box, 'truth')),
    ...boxesOn(input.view, image.id).map(({ box, number, turn }) => numbered(box, number, turn, size)),
  ];
  const svg = `<svg viewBox="0 0 ${size.width} ${size.height}" role="img" aria-label="Original with boxes">${drawn.join('')}</svg>`;
  return `<figure>${svg}<figcaption>${line(pictureWords(image))}</figcaption></figure>`;
}

interface Box {
  readonly box: BoundingBox;
  readonly number: number;
  readonly turn: number;
}

function boxesOn({ turns }: TrajectoryView, image: string): Box[] {
  return turns.flatMap(({ parts }, turn) =>
    parts.flatMap((part) => {
      if (part.kind !== 'toolCall' || part.call.place?.image !== image) return [];
      return [{ box: part.call.place.box, number: part.call.number, turn }];
    }),
  );
}

function rectangle({ x1, y1, x2, y2 }: BoundingBox, kind: string): string {
  const sides = [Math.min(x1, x2), Math.min(y1, y2), Math.abs(x2 - x1), Math.abs(y2 - y1)];
  const [x, y, width, height] = sides.map((side) => (Number.isFinite(side) ? side : 0));
  return `<rect class="box ${kind}" x="${x}" y="${y}" width="${width}" height="${height}"/>`;
}

function numbered(box: BoundingBox, number: number, turn: number, size: Size): string {
  const letter = Math.max(8, Math.round(Math.max(size.width, size.height) / 50));
  const x = Math.min(size.width - letter, Math.max(0, Math.min(box.x1, box.x2)));
  const y = Math.max(letter, Math.min(size.height, Math.min(box.y1, box.y2) - letter / 5));
  const tone = `tone-${turn % TONES}`;
  if (![x, y].every(Number.isFinite)) return '';
  return `${rectangle(box, tone)}<text class="${tone}" x="${x}" y="${y}" font-size="${letter}">${number}</text>`;
}

function turnHtml({ parts, recovered }: TurnView, index: number, input: ExportInput): string {
  const note = recovered ? ' <small>found outside the messages, not counted</small>' : '';
  const shown = parts.filter((part) => part.kind !== 'text' || part.text.trim() !== '');
  const content = shown.map((part) => partHtml(part, input)).join('\n');
  return `<section class="tone-${index % TONES}"><h2>Turn ${index + 1}${note}</h2>\n${content}</section>`;
}

const TITLES: Readonly<Record<PartView['kind'], string>> = {
  text: 'Text',
  thought: 'Thought',
  toolCall: 'Tool call',
  observation: 'Observation',
  answer: 'Answer',
};

function partHtml(part: PartView, input: ExportInput): string {
  const tokens = tokenWords(part.tokens, part.kind === 'observation');
  const number = part.kind === 'toolCall' ? ` ${part.call.number}` : '';
  const title = `<h3>${TITLES[part.kind]}${number}${tokens === undefined ? '' : ` <small>${tokens}</small>`}</h3>`;
  const marks = (part.contradictions ?? []).map(
    (mark) => `<p class="mark">${line(`contradiction: ${mark}`)}</p>`,
  );
  return `<article class="${part.kind}">${title}${contentOf(part, input)}${marks.join('')}</article>`;
}

function contentOf(part: PartView, input: ExportInput): string {
  if (part.kind === 'toolCall') {
    const remarks = callRemarks(part.call).map((remark) => `<p class="remark">${line(remark)}</p>`);
    return `<p class="call">${line(callWords(part.call))}</p>${remarks.join('')}${text(part.text, 'written')}`;
  }
  if (part.kind !== 'observation') return text(part.text);
  const pictures = part.images.map((image) =>
    picture(
      image,
      image.call === undefined ? 'Picture of the observation' : `Crop of tool call ${image.call}`,
      input,
    ),
  );
  const error = part.error === undefined ? '' : text(part.error, 'error');
  const said = part.text.trim();
  return `${pictures.join('')}${error}${said === '' || said === part.error?.trim() ? '' : text(said)}`;
}
