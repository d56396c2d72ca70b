import type { Message, MessagePart, ModelImage } from '../../../src/inference/backend';
import { ChatTemplate } from '../../../src/inference/onnx/text/chatTemplate';
import { findTemplate } from '../../../src/inference/onnx/text/findTemplate';
import { LimitedTemplate } from '../../../src/inference/onnx/text/limitedTemplate';
import type { GoldenFolder } from '../goldenFolder';
import { EXACT, type Report } from '../report';
import type { Entry } from '../trackedJson';

const FILE = 'generate/conversation.json';
const IMAGE = '<|vision_start|><|image_pad|><|vision_end|>';
const picture: ModelImage = { pixels: { width: 1, height: 1, data: new Uint8Array(3) } };

/** The rendered texts of conversation.json, by the template of every checkpoint folder. */
export async function checkTemplate(golden: GoldenFolder, report: Report): Promise<void> {
  const file = golden.json(FILE);
  const kind = report.kind('chat template', EXACT);
  const rendered = file.entry('rendered');
  const numbered = file.has('rendered_add_vision_id');
  kind.expect(rendered.keys.length + Number(numbered));
  file.ignore('crop_box', 'crop_size_wh', 'image');
  const messages = messagesOf(file);
  for (const name of rendered.keys) {
    await kind.check(`${FILE} rendered.${name}`, async () => {
      const wanted = rendered.text(name);
      let wrong = 0;
      for (const folder of golden.checkpoints) {
        const template = await ChatTemplate.open(golden.checkpoint(folder));
        if (!messagesBehind(template, messages, wanted)) wrong++;
      }
      return wrong;
    });
  }
  if (!numbered) return;
  await kind.check(`${FILE} rendered_add_vision_id`, async () => {
    const wanted = file.text('rendered_add_vision_id');
    let wrong = 0;
    for (const folder of golden.checkpoints) {
      const { text, specialTokens } = await findTemplate(golden.checkpoint(folder));
      const found = new LimitedTemplate(text).render({
        ...specialTokens,
        messages: file.value('messages'),
        add_vision_id: true,
        add_generation_prompt: false,
      });
      if (found !== wanted) wrong++;
    }
    return wrong;
  });
}

/** The conversation's messages as a backend takes them; a black dot stands for each image. */
export function messagesOf(file: Entry): Message[] {
  const part = (item: Entry): MessagePart => {
    if (item.text('type') === 'image') return { type: 'image', image: picture };
    if (item.text('type') !== 'text') throw new Error(`${item.place} is of an unknown type`);
    return { type: 'text', text: item.text('text') };
  };
  return file.entries('messages').map((message) => {
    const role = message.text('role') as Message['role'];
    const plain = typeof message.value('content') === 'string';
    return {
      role,
      parts: plain ? [{ type: 'text', text: message.text('content') }] : message.entries('content').map(part),
    };
  });
}

/** Messages that render to a text, and whether the assistant's turn is opened after them. */
export interface RenderedMessages {
  readonly messages: readonly Message[];
  readonly addGenerationPrompt: boolean;
}

/**
 * The messages that a text was rendered from: the first few of those given, or else, where the template repeats the
 * text from them, what the text itself says when it is taken apart (without the system turn that is the template's own).
 */
export function messagesBehind(
  template: ChatTemplate,
  given: readonly Message[],
  wanted: string,
): RenderedMessages | undefined {
  const rendersTo = ({ messages, addGenerationPrompt }: RenderedMessages): boolean =>
    messages.length > 0 && template.render(messages, { addGenerationPrompt }) === wanted;
  for (let count = given.length; count > 0; count--) {
    for (const addGenerationPrompt of [false, true]) {
      const some = { messages: given.slice(0, count), addGenerationPrompt };
      if (rendersTo(some)) return some;
    }
  }
  const apart = takeApart(wanted);
  const hello = template.render([says('user', [{ type: 'text', text: 'x' }])], {
    addGenerationPrompt: false,
  });
  const ownSystem = hello.slice(0, hello.lastIndexOf('<|im_start|>'));
  const isOwn = ownSystem !== '' && wanted.startsWith(ownSystem);
  const short = isOwn ? { ...apart, messages: apart.messages.slice(1) } : apart;
  return rendersTo(apart) && rendersTo(short) ? short : undefined;
}

const says = (role: Message['role'], parts: readonly MessagePart[]): Message => ({ role, parts });

function takeApart(text: string): RenderedMessages {
  const messages: Message[] = [];
  const turn = /<\|im_start\|>(system|user|assistant)\n([^]*?)<\|im_end\|>\n/g;
  let end = 0;
  for (const found of text.matchAll(turn)) {
    const pieces = (found[2] ?? '').split(IMAGE);
    const parts = pieces.flatMap((piece, index): MessagePart[] => [
      ...(index > 0 ? [{ type: 'image' as const, image: picture }] : []),
      ...(piece === '' ? [] : [{ type: 'text' as const, text: piece }]),
    ]);
    messages.push(says(found[1] as Message['role'], parts));
    end = found.index + found[0].length;
  }
  return { messages, addGenerationPrompt: end < text.length };
}
