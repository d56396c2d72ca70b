import assert from 'node:assert/strict';
import { errorCode } from '../../../../../src/common/errors';
import type { Message } from '../../../../../src/inference/backend';
import { Conversation } from '../../../../../src/inference/onnx/model/conversation';
import { ChatTemplate } from '../../../../../src/inference/onnx/text/chatTemplate';
import { qwenPath } from '../../../../support/goldenQwen';

const say = (role: Message['role'], text: string): Message => ({ role, parts: [{ type: 'text', text }] });

/** What stands in the sequence, one token per UTF-16 unit. */
class Written {
  text = '';
  constructor(readonly conversation: Conversation) {}

  add(message: Message): this {
    const start = this.text.length;
    this.text += this.conversation.textOf(message);
    this.conversation.addMessage(message, start, this.text.length);
    return this;
  }

  raw(text: string): this {
    this.conversation.addRaw(this.text.length, this.text.length + text.length);
    this.text += text;
    return this;
  }

  /** The model speaks, and closes its turn when `closedBy` is given. */
  generate(text: string, closedBy?: string): this {
    if (this.conversation.opensTurn) {
      const start = this.text.length;
      this.text += this.conversation.openingText();
      this.conversation.addGenerated(start, this.text.length);
    }
    const start = this.text.length;
    this.text += text + (closedBy ?? '');
    this.conversation.addGenerated(start, this.text.length, closedBy);
    return this;
  }

  rewind(length: number): this {
    this.text = this.text.slice(0, length);
    this.conversation.rewind(length);
    return this;
  }
}

const plain = (messages: readonly Message[]): string =>
  messages
    .map(({ role, parts }) => `<${role}>${parts.map((p) => (p.type === 'text' ? p.text : '#')).join('')}.\n`)
    .join('');
const fake = {
  render: (messages: readonly Message[], { addGenerationPrompt }: { addGenerationPrompt: boolean }) =>
    plain(messages) + (addGenerationPrompt ? '<assistant>' : ''),
};

const END = '<|im_end|>';

describe("a conversation by the checkpoint's template", () => {
  let template: ChatTemplate;
  before(async () => (template = await ChatTemplate.open(qwenPath('checkpoint'))));
  const picture = { pixels: { width: 1, height: 1, data: new Uint8Array(3) } };
  const messages: Message[] = [
    say('system', 'Be brief.'),
    {
      role: 'user',
      parts: [
        { type: 'image', image: picture },
        { type: 'text', text: 'Where?' },
      ],
    },
    say('assistant', 'I look. <tool_call>{}</tool_call>'),
    {
      role: 'user',
      parts: [
        { type: 'text', text: '<tool_response>' },
        { type: 'image', image: picture },
      ],
    },
    say('assistant', 'There.'),
    say('user', 'Thanks.'),
  ];

  for (const closedBy of [END, undefined]) {
    const how = closedBy === undefined ? 'was cut short' : 'ended its turn itself';
    it(`is what the template makes of it as a whole, when the model ${how}`, () => {
      const written = new Written(Conversation.empty(template));
      for (const message of messages) {
        if (message.role !== 'assistant') written.add(message);
        else
          written.generate(
            message.parts.map((part) => (part.type === 'text' ? part.text : '')).join(''),
            closedBy,
          );
      }
      assert.equal(written.text, template.render(messages, { addGenerationPrompt: false }));
      assert.equal(
        written.text + written.conversation.openingText(),
        template.render(messages, { addGenerationPrompt: true }),
      );
    });
  }

  it('is also that when earlier answers are given as messages, and with no system message', () => {
    const some = messages.slice(1);
    const written = new Written(Conversation.empty(template));
    for (const message of some) written.add(message);
    assert.equal(written.text, template.render(some, { addGenerationPrompt: false }));
    assert.match(written.text, /^<\|im_start\|>system\nYou are a helpful assistant/);
  });

  it('keeps what the model said when it ended with another token than the template writes', () => {
    const written = new Written(Conversation.empty(template))
      .add(say('user', 'Hi'))
      .generate('Yes', '<|endoftext|>');
    const next = written.conversation.textOf(say('user', 'More'));
    assert.equal(next, `${END}\n<|im_start|>user\nMore${END}\n`);
  });
});

describe('Conversation', () => {
  it('opens the turn after a message only', () => {
    const written = new Written(Conversation.empty(fake));
    assert.equal(written.conversation.opensTurn, false);
    written.add(say('user', 'a'));
    assert.equal(written.conversation.opensTurn, true);
    written.raw('more');
    assert.equal(written.conversation.opensTurn, false);
  });

  it('joins what was said in several goes, and knows when the turn is closed', () => {
    const written = new Written(Conversation.empty(fake))
      .add(say('user', 'a'))
      .generate('one')
      .generate(' two');
    assert.equal(written.conversation.turnIsClosed, false);
    written.generate(' three', '.');
    assert.equal(written.conversation.turnIsClosed, true);
    written.add(say('user', 'b'));
    assert.equal(written.text, '<user>a.\n<assistant>one two three.\n<user>b.\n');
    assert.equal(written.conversation.turnIsClosed, false);
  });

  it('goes on rightly from every point that it is taken back to', () => {
    const build = (): Written =>
      new Written(Conversation.empty(fake))
        .add(say('user', 'a'))
        .generate('one two', '.')
        .add(say('user', 'b'))
        .raw('[raw]')
        .add(say('user', 'c'))
        .generate('three');
    const whole = build().text;
    for (let length = 0; length <= whole.length; length++) {
      const written = build().rewind(length);
      assert.equal(written.text, whole.slice(0, length));
      const { conversation } = written;
      const closed = whole.indexOf('.', whole.indexOf('two')) + 1;
      assert.equal(conversation.turnIsClosed, length === closed, `at ${String(length)}`);
      const atMessageEnd = ['a.\n', 'b.\n', 'c.\n'].some((end) => whole.slice(0, length).endsWith(end));
      assert.equal(conversation.opensTurn, atMessageEnd, `at ${String(length)}`);
      // In the midst of the model's words its turn is closed as the template closes it.
      const inAnswer = length > whole.indexOf('<assistant>') && length < closed;
      if (inAnswer) assert.equal(conversation.textOf(say('user', 'x')), '.\n<user>x.\n');
    }
  });

  it('becomes empty when everything is taken back', () => {
    const written = new Written(Conversation.empty(fake)).add(say('user', 'a')).generate('one').rewind(0);
    assert.equal(written.conversation.textOf(say('user', 'b')), '<user>b.\n');
  });

  it('copies go on by themselves', () => {
    const written = new Written(Conversation.empty(fake)).add(say('user', 'a'));
    const copy = written.conversation.copy();
    written.generate('one', '.');
    assert.equal(copy.opensTurn, true);
    assert.equal(copy.turnIsClosed, false);
    copy.rewind(0);
    assert.equal(written.conversation.turnIsClosed, true);
  });

  it('is refused by a template that rewrites what stands before', () => {
    const counting = { render: (all: readonly Message[]) => `${String(all.length)} messages: ${plain(all)}` };
    const written = new Written(Conversation.empty(counting)).add(say('user', 'a'));
    assert.throws(() => written.add(say('user', 'b')), /rewrites earlier messages/);
    // This one leaves earlier answers out.
    const forgetting = {
      render: (all: readonly Message[]) => plain(all.filter((m) => m.role !== 'assistant')),
    };
    const other = new Written(Conversation.empty(forgetting)).add(say('user', 'a')).generate('one');
    assert.throws(
      () => other.add(say('user', 'b')),
      (thrown) => errorCode(thrown) === 'usage',
    );
  });

  it('loses no text of a message that spells the stand-in for answers', () => {
    let standIn = '';
    const spying = {
      render: (all: readonly Message[], options: { addGenerationPrompt: boolean }) => {
        const answer = all.find((message) => message.role === 'assistant')?.parts[0];
        if (answer?.type === 'text') standIn = answer.text;
        return fake.render(all, options);
      },
    };
    const written = new Written(Conversation.empty(spying)).add(say('user', 'a')).generate('one', '.');
    written.conversation.textOf(say('user', 'b'));
    assert.notEqual(standIn, '');
    assert.throws(
      () => written.add(say('user', `before ${standIn} after`)),
      (thrown) => errorCode(thrown) === 'usage',
    );
  });
});
