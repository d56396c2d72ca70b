import { ImcotError, errorMessage } from '../../../common/errors';
import type { Message } from '../../backend';
import { findTemplate } from './findTemplate';
import { LimitedTemplate, TemplateRefusal } from './limitedTemplate';

/** Writes messages as the text of the wire, by the checkpoint's own template. */
export class ChatTemplate {
  private constructor(
    private readonly template: LimitedTemplate,
    private readonly specialTokens: Readonly<Record<string, string>>,
    /** The file that the template stands in. */
    readonly file: string,
  ) {}

  /**
   * Finds and reads a checkpoint's template.
   * @throws ImcotError naming the file: `missing`, `denied`, `limit`, or `input` where it is no template
   */
  static async open(folder: string): Promise<ChatTemplate> {
    const { text, file, specialTokens } = await findTemplate(folder);
    try {
      return new ChatTemplate(new LimitedTemplate(text), specialTokens, file);
    } catch (thrown) {
      throw new ImcotError('input', `The chat template in ${file} cannot be read: ${errorMessage(thrown)}`, {
        cause: thrown,
      });
    }
  }

  /**
   * The whole conversation as text. A message of text alone is given to the template as one string, one with pictures
   * as a list of parts; a picture becomes the template's own markers around one `<|image_pad|>`.
   *
   * @throws ImcotError naming the file: `input` where the template refuses the messages or fails, `limit` where it runs
   *   away
   */
  render(messages: readonly Message[], options: { readonly addGenerationPrompt: boolean }): string {
    try {
      return this.template.render({
        ...this.specialTokens,
        messages: messages.map(plainMessage),
        tools: null,
        documents: null,
        add_generation_prompt: options.addGenerationPrompt,
      });
    } catch (thrown) {
      throw this.failure(thrown);
    }
  }

  private failure(thrown: unknown): ImcotError {
    const message = errorMessage(thrown);
    const cause = { cause: thrown };
    if (thrown instanceof ImcotError) {
      return new ImcotError(thrown.code, `The chat template in ${this.file} was stopped: ${message}.`, cause);
    }
    if (thrown instanceof TemplateRefusal) {
      return new ImcotError(
        'input',
        `The chat template in ${this.file} refuses the messages: ${message}`,
        cause,
      );
    }
    return new ImcotError('input', `The chat template in ${this.file} failed: ${message}`, cause);
  }
}

function plainMessage({ role, parts }: Message): Record<string, unknown> {
  const hasImage = parts.some((part) => part.type === 'image');
  const content = hasImage
    ? parts.map((part) => (part.type === 'image' ? { type: 'image' } : { type: 'text', text: part.text }))
    : parts.map((part) => (part.type === 'text' ? part.text : '')).join('');
  return { role, content };
}
