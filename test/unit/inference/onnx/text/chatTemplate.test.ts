import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Message, MessagePart, ModelImage } from '../../../../../src/inference/backend';
import { ChatTemplate } from '../../../../../src/inference/onnx/text/chatTemplate';

const GOLDEN = path.join(__dirname, '../../../../golden/qwen2_5_vl');

interface GoldenMessage {
  readonly role: Message['role'];
  readonly content:
    string | readonly ({ readonly type: 'image' } | { readonly type: 'text'; readonly text: string })[];
}
const golden = JSON.parse(readFileSync(path.join(GOLDEN, 'generate/conversation.json'), 'utf8')) as {
  readonly messages: readonly GoldenMessage[];
  readonly rendered: Readonly<Record<'text' | 'text_image' | 'conversation' | 'conversation_full', string>>;
};

const image: ModelImage = { pixels: { width: 1, height: 1, data: new Uint8Array(3) } };
const text = (words: string): MessagePart => ({ type: 'text', text: words });
const says = (role: Message['role'], ...parts: readonly (string | ModelImage)[]): Message => ({
  role,
  parts: parts.map((part) => (typeof part === 'string' ? text(part) : { type: 'image', image: part })),
});
const conversation = golden.messages.map(({ role, content }) =>
  says(
    role,
    ...(typeof content === 'string'
      ? [content]
      : content.map((part) => (part.type === 'image' ? image : part.text))),
  ),
);
const ask = { addGenerationPrompt: true };

/** Loops and tests as small checkpoints of the family have them: no counters, no named pictures. */
const SMALL_TEMPLATE =
  "{% for message in messages %}{% if loop.first and message['role'] != 'system' %}<|im_start|>system\n" +
  "Be brief.<|im_end|>\n{% endif %}<|im_start|>{{ message['role'] }}\n{% if message['content'] is string %}" +
  "{{ message['content'] }}{% else %}{% for part in message['content'] %}{% if part['type'] == 'image' or " +
  "'image_url' in part %}<|vision_start|><|image_pad|><|vision_end|>{% elif 'text' in part %}{{ part['text'] }}" +
  '{% endif %}{% endfor %}{% endif %}<|im_end|>\n{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n' +
  '{% endif %}';

describe('chat template: reference conversation', () => {
  for (const name of ['checkpoint', 'checkpoint-bf16-sharded']) {
    it(`renders ${name} byte for byte`, async () => {
      const template = await ChatTemplate.open(path.join(GOLDEN, name));
      const { rendered } = golden;
      assert.equal(template.render([says('user', 'Explain what a window is.')], ask), rendered.text);
      const question = 'Is the small clock on the left or right side?';
      assert.equal(template.render([says('user', image, question)], ask), rendered.text_image);
      assert.equal(template.render(conversation.slice(0, 4), ask), rendered.conversation);
      assert.equal(template.render(conversation, { addGenerationPrompt: false }), rendered.conversation_full);
    });
  }
});

describe('chat template: files', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'template-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });
  const put = (name: string, content: unknown): void => {
    writeFileSync(path.join(folder, name), typeof content === 'string' ? content : JSON.stringify(content));
  };
  const hello = [says('user', 'hi', ' there')];
  const renderOf = async (template: string, messages: readonly Message[] = hello): Promise<string> => {
    put('chat_template.jinja', template);
    return (await ChatTemplate.open(folder)).render(messages, ask);
  };
  const refused = (attempt: Promise<unknown>, code: string, message: RegExp, file = ''): Promise<void> =>
    assert.rejects(attempt, (thrown: Error & { code?: string }) => {
      assert.equal(thrown.name, 'ImcotError', String(thrown));
      assert.match(thrown.message, message);
      assert.equal(thrown.code, code);
      assert.ok(thrown.message.includes(path.join(folder, file)), 'the file is not named');
      return true;
    });

  it('finds the template in the order of transformers', async () => {
    const opened = async (): Promise<string> => (await ChatTemplate.open(folder)).render(hello, ask);
    put('tokenizer_config.json', { chat_template: 'tokenizer' });
    assert.equal(await opened(), 'tokenizer');
    put('chat_template.jinja', 'jinja');
    assert.equal(await opened(), 'jinja');
    put('chat_template.json', { chat_template: 'json' });
    assert.equal(await opened(), 'json');
    put('processor_config.json', { chat_template: null });
    assert.equal(await opened(), 'json');
    put('processor_config.json', { chat_template: 'processor' });
    assert.equal(await opened(), 'processor');
  });

  it('takes the default of named templates', async () => {
    const named = [
      { name: 'tool_use', template: 'tools' },
      { name: 'default', template: 'plain' },
    ];
    put('tokenizer_config.json', { chat_template: named });
    assert.equal((await ChatTemplate.open(folder)).render(hello, ask), 'plain');
    put('tokenizer_config.json', { chat_template: named.slice(0, 1) });
    await refused(ChatTemplate.open(folder), 'input', /only tool_use/, 'tokenizer_config.json');
    put('tokenizer_config.json', { chat_template: 7 });
    await refused(ChatTemplate.open(folder), 'input', /neither/, 'tokenizer_config.json');
  });

  it('refuses a folder without a template, a torn file, and a text that is no template', async () => {
    await refused(ChatTemplate.open(folder), 'missing', /no chat template/);
    put('chat_template.jinja', '{% for x in %}');
    await refused(ChatTemplate.open(folder), 'input', /cannot be read/, 'chat_template.jinja');
    put('chat_template.jinja', 'x'.repeat(2 ** 20 + 1));
    await refused(ChatTemplate.open(folder), 'limit', /longer than/, 'chat_template.jinja');
    put('chat_template.json', '{"chat_template": "x');
    await refused(ChatTemplate.open(folder), 'input', /not JSON/, 'chat_template.json');
  });

  it('renders a small template, its text parts and its pictures', async () => {
    const messages = [says('user', image, 'What?', image), says('assistant', 'A', 'B')];
    assert.equal(
      await renderOf(SMALL_TEMPLATE, messages),
      '<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\n<|vision_start|><|image_pad|><|vision_end|>What?' +
        '<|vision_start|><|image_pad|><|vision_end|><|im_end|>\n<|im_start|>assistant\nAB<|im_end|>\n' +
        '<|im_start|>assistant\n',
    );
  });

  it('gives a template what transformers gives it', async () => {
    put('tokenizer_config.json', { eos_token: '<e>', bos_token: { content: '<b>' }, pad_token: null });
    assert.equal(
      await renderOf(
        '{{ bos_token }}{{ eos_token }}{% if tools %}tools{% endif %}{% if tools is none %}none{% endif %}' +
          '{% if pad_token is defined %}pad{% endif %}{{ messages | length }}{{ range(1, 7, 2) | join(",") }}' +
          '{{ range(2) | join }}{{ {"a": "é<"} | tojson }}',
      ),
      '<b><e>none11,3,501{"a": "é<"}',
    );
  });

  it('drops the line end after a block and the blanks before it', async () => {
    assert.equal(await renderOf('a\n  {% if true %}\nb\n  {% endif %}\nc'), 'a\nb\nc');
  });

  it('writes dates in English', async () => {
    assert.match(
      await renderOf('{{ strftime_now("%d %b %Y") }}'),
      /^\d\d (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4}$/,
    );
  });

  it("passes a template's own refusal on", async () => {
    await refused(renderOf('{{ raise_exception("Roles must alternate") }}'), 'input', /refuses.*Roles must/);
    await refused(renderOf('{{ nothing() }}'), 'input', /failed/);
  });

  const double = (start: string, more: string): string =>
    `{% set n = namespace(a=${start}) %}{% for i in range(200) %}{% set n.a = n.a ${more} n.a %}{% endfor %}`;
  const runaways: readonly [string, string][] = [
    ['a long range', '{% for i in range(10**9) %}x{% endfor %}'],
    ['nested loops', `${'{% for i in range(9000) %}'.repeat(3)}x${'{% endfor %}'.repeat(3)}`],
    ['a text that doubles', double('"xy"', '~')],
    ['a list that doubles', double('[1, 2]', '+')],
    ['a wide indent', '{{ [1] | tojson(indent=400000000) }}'],
    [
      'many long texts',
      '{% for i in range(9000) %}{% set x = "a" | replace("", "b") %}{% for m in messages %}{{ m.content | upper | length }}{% endfor %}{% for j in range(999) %}{{ j }}{% endfor %}{% endfor %}',
    ],
  ];
  for (const [what, template] of runaways) {
    it(`stops ${what}`, async function () {
      this.timeout(20_000);
      const start = performance.now();
      await refused(renderOf(template), 'limit', /was stopped/);
      assert.ok(performance.now() - start < 10_000);
    });
  }

  it('ends a recursion without end', async () => {
    const macro = '{% macro f(g) %}{{ g(g) }}{% endmacro %}{{ f(f) }}';
    await refused(renderOf(macro), 'input', /failed/);
    await refused(renderOf(`{{ ${'('.repeat(100_000)} }}`), 'input', /cannot be read/);
  });

  it('gives a template no way to anything but its data', async () => {
    const doors = [
      '"".constructor',
      'messages.constructor',
      'raise_exception.constructor',
      'process',
      'globalThis',
    ];
    for (const door of doors) {
      assert.equal(await renderOf(`{% if ${door} is defined %}open{% endif %}`), '', door);
    }
  });

  it('renders a very long conversation', async () => {
    const long = Array.from({ length: 3000 }, (_, turn) =>
      turn % 2 === 0 ? says('user', image, 'x'.repeat(2000)) : says('assistant', 'y'.repeat(2000)),
    );
    assert.ok((await renderOf(SMALL_TEMPLATE, long)).length > 6_000_000);
  });
});
