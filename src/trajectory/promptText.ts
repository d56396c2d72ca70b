import type { ImageReference } from './imageReference';
import { hasSpecialTokens, IM_END, IM_START, imagesOfPads, withoutSpecialTokens } from './specialTokens';
import { ZOOM_TOOL } from './toolCall';
import type { Prompt } from './trajectory';

/** Where DeepEyes' format instructions begin: the suffix of the user's text in v2, and in v5. */
const INSTRUCTIONS = [
  `\nThink first, call **${ZOOM_TOOL}**`,
  '\nThink in the mind first, and then decide whether to call tools',
];
const QUESTION = 'Question: ';
const OPTIONS = '\nOptions:';

/**
 * The question alone: DeepEyes' user texts put `Question: ` before it, and options and format instructions after it.
 * Where neither is found this is the text itself, trimmed.
 */
export function questionOf(user: string): string {
  const text = user.slice(0, instructionsStart(user)).trim();
  if (!text.startsWith(QUESTION)) return text;
  const options = text.indexOf(OPTIONS);
  return text.slice(QUESTION.length, options < 0 ? undefined : options).trim();
}

/** The options behind the question, one per line, up to the first empty line; undefined where the text has none. */
export function optionsOf(user: string): string | undefined {
  const start = user.indexOf(OPTIONS);
  if (start < 0 || !user.trimStart().startsWith(QUESTION)) return undefined;
  const [text] = user
    .slice(start + OPTIONS.length, instructionsStart(user))
    .trim()
    .split(/\n\s*\n/, 1);
  return text === '' ? undefined : text;
}

function instructionsStart(user: string): number {
  const cuts = INSTRUCTIONS.map((marker) => user.indexOf(marker)).filter((at) => at >= 0);
  return Math.min(user.length, ...cuts);
}

interface Message {
  readonly role: string;
  readonly content: string;
}

function templateMessages(prompt: string): Message[] {
  return prompt
    .split(IM_START)
    .slice(1)
    .map((block) => {
      const lineEnd = block.indexOf('\n');
      const role = lineEnd < 0 ? block : block.slice(0, lineEnd);
      const rest = lineEnd < 0 ? '' : block.slice(lineEnd + 1);
      const end = rest.lastIndexOf(IM_END);
      return { role: role.trim(), content: end < 0 ? rest : rest.slice(0, end) };
    });
}

function strippedMessages(prompt: string): Message[] {
  const body = prompt.replace(/\nassistant\n?$/, '');
  if (body.startsWith('user\n')) return [{ role: 'user', content: body.slice('user\n'.length) }];
  const user = body.indexOf('\nuser\n');
  if (!body.startsWith('system\n') || user < 0) return [{ role: 'user', content: prompt }];
  return [
    { role: 'system', content: body.slice('system\n'.length, user) },
    { role: 'user', content: body.slice(user + '\nuser\n'.length) },
  ];
}

function imagesOf(prompt: string, content: string): readonly ImageReference[] {
  const padded = imagesOfPads(content);
  if (padded.length > 0) return padded;
  const placeholders = content.split('<image>').length - 1;
  // A stripped prompt has lost its pads; that the zoom tool is offered says that there was an image.
  const implied =
    placeholders === 0 && !hasSpecialTokens(prompt) && prompt.includes(ZOOM_TOOL) ? 1 : placeholders;
  return Array.from({ length: implied }, () => ({ kind: 'blank' as const }));
}

/** A prompt that was dumped as one text, left whole: for counting, where what stands in it does not matter. */
export function undividedPrompt(prompt: string): Prompt {
  return { user: prompt, question: prompt, images: [], raw: prompt };
}

/**
 * Takes apart a prompt that was dumped as one text: with Qwen's special tokens, with these stripped (lines `system`,
 * `user`, `assistant` remain), or the bare text of the user. Several user messages are joined by an empty line.
 */
export function promptOfText(prompt: string): Prompt {
  const messages = prompt.includes(IM_START) ? templateMessages(prompt) : strippedMessages(prompt);
  const contents = (role: string): string =>
    messages
      .filter((message) => message.role === role)
      .map((message) => message.content)
      .join('\n\n');
  const content = contents('user');
  const user = withoutSpecialTokens(content).replaceAll('<image>', '');
  const hasSystem = messages.some((message) => message.role === 'system');
  return {
    ...(hasSystem && { system: withoutSpecialTokens(contents('system')) }),
    user,
    question: questionOf(user),
    images: imagesOf(prompt, content),
    raw: prompt,
  };
}
