import { codePointName, HIDDEN_CHARACTERS } from '../../common/hiddenCharacters';
import type { ImageView, PartView } from '../../protocol/trajectoryView';
import type { ExportInput } from './exportWords';
import {
  callRemarks,
  callWords,
  factsOf,
  isPlainPicture,
  pictureFileName,
  pictureWords,
  tokenWords,
} from './exportWords';

/**
 * One rollout as Markdown. Words of the file stand in fences and code spans alone, so that none of them becomes a link,
 * a picture or a heading; characters that hide or reorder are named.
 * @param folder name of the folder beside the file that has the pictures, under `pictureFileName`
 */
export function exportMarkdown(input: ExportInput, folder: string): string {
  const { view } = input;
  const blocks = [
    `# Rollout ${view.index}`,
    fence(view.question),
    factsOf(input)
      .map(([name, value]) => `- ${name}: ${span(value)}`)
      .join('\n'),
    ...view.originals.map((image) => picture(image, 'original', input, folder)),
    ...(view.user.trim() === view.question.trim() ? [] : ['## Prompt', fence(view.user)]),
    ...view.turns.flatMap(({ parts, recovered }, index) => [
      `## Turn ${index + 1}${recovered ? ' (found outside the messages, not counted)' : ''}`,
      ...parts
        .filter((part) => part.kind !== 'text' || part.text.trim() !== '')
        .flatMap((part) => partBlocks(part, input, folder)),
    ]),
    ...(view.system === undefined ? [] : ['## System prompt', fence(view.system)]),
  ];
  return `${blocks.filter((block) => block !== '').join('\n\n')}\n`;
}

function named(text: string): string {
  return text
    .replace(/\r\n/g, '\n')
    .replace(HIDDEN_CHARACTERS, (character) => `[${codePointName(character)}]`);
}

/** Longer than any run of back-ticks in the text. */
function ticks(text: string, least: number): string {
  const longest = Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  return '`'.repeat(Math.max(least, longest + 1));
}

function fence(text: string): string {
  const words = named(text.trim());
  if (words === '') return '';
  const mark = ticks(words, 3);
  return `${mark}text\n${words}\n${mark}`;
}

function span(text: string): string {
  const words = named(text.trim()).replace(/\s+/g, ' ');
  const mark = ticks(words, 1);
  return words === '' ? '' : `${mark} ${words} ${mark}`;
}

function picture(image: ImageView, name: string, { pictures }: ExportInput, folder: string): string {
  const found = pictures.get(image.id);
  const words = span(pictureWords(image));
  if (!found || !isPlainPicture(found)) return `_${name}:_ ${words}`;
  // Angle brackets hold names with blanks; the folder's own name has neither of them.
  return `![${name}](<${folder}/${pictureFileName(image.id, found)}>)\n\n_${name}:_ ${words}`;
}

const TITLES: Readonly<Record<PartView['kind'], string>> = {
  text: 'Text',
  thought: 'Thought',
  toolCall: 'Tool call',
  observation: 'Observation',
  answer: 'Answer',
};

function partBlocks(part: PartView, input: ExportInput, folder: string): string[] {
  const tokens = tokenWords(part.tokens, part.kind === 'observation');
  const number = part.kind === 'toolCall' ? ` ${part.call.number}` : '';
  const title = `### ${TITLES[part.kind]}${number}${tokens === undefined ? '' : ` (${tokens})`}`;
  const marks = (part.contradictions ?? []).map((mark) => `- contradiction: ${span(mark)}`).join('\n');
  return [title, ...contentOf(part, input, folder), marks];
}

function contentOf(part: PartView, input: ExportInput, folder: string): string[] {
  if (part.kind === 'toolCall') {
    const remarks = callRemarks(part.call).map((remark) => `- ${span(remark)}`);
    return [span(callWords(part.call)), remarks.join('\n'), fence(part.text)];
  }
  if (part.kind !== 'observation') return [fence(part.text)];
  const pictures = part.images.map((image) =>
    picture(image, image.call === undefined ? 'picture' : `crop of tool call ${image.call}`, input, folder),
  );
  const said = part.text.trim() === part.error?.trim() ? '' : part.text;
  return [...pictures, part.error === undefined ? '' : fence(part.error), fence(said)];
}
