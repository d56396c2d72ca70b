import assert from 'node:assert/strict';
import fc from 'fast-check';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { StreamText } from '../../../../../src/inference/onnx/text/streamText';
import { Tokenizer } from '../../../../../src/inference/onnx/text/tokenizer';
import { checkProperty } from '../../../../support/property';

const GOLDEN = path.join(__dirname, '../../../../golden/qwen2_5_vl');

interface Golden {
  readonly cases: readonly {
    readonly text: string;
    readonly ids: readonly number[];
    readonly decoded: string;
    readonly decoded_skip_special: string;
  }[];
  readonly partial: readonly { readonly ids: readonly number[]; readonly decoded: string }[];
  readonly beyond: readonly { readonly ids: readonly number[]; readonly decoded: string }[];
}

const golden = JSON.parse(readFileSync(path.join(GOLDEN, 'tokenize.json'), 'utf8')) as Golden;

function streamed(
  tokenizer: Tokenizer,
  ids: readonly number[],
  options: { skipSpecialTokens?: boolean } = {},
): { text: string; pieces: string[] } {
  const stream = new StreamText(tokenizer, options);
  const pieces = [...ids.map((id) => stream.push(id)), stream.flush()];
  return { text: pieces.join(''), pieces };
}

for (const name of ['checkpoint', 'checkpoint-bf16-sharded']) {
  describe(`tokenizer: ${name}`, () => {
    let tokenizer: Tokenizer;
    before(async () => {
      tokenizer = await Tokenizer.open(path.join(GOLDEN, name));
    });

    it('encodes and decodes every reference case exactly', () => {
      assert.equal(golden.cases.length, 354);
      for (const one of golden.cases) {
        assert.deepEqual(tokenizer.encode(one.text), one.ids, JSON.stringify(one.text));
        assert.equal(tokenizer.decode(one.ids), one.decoded);
        assert.equal(tokenizer.decode(one.ids, { skipSpecialTokens: true }), one.decoded_skip_special);
      }
    });

    it('decodes parts of characters and ids beyond the tokenizer as the reference does', () => {
      assert.ok(golden.partial.length > 30 && golden.beyond.length > 0);
      for (const one of [...golden.partial, ...golden.beyond]) {
        assert.equal(tokenizer.decode(one.ids), one.decoded);
      }
    });

    it('streams what decoding all at once gives', () => {
      for (const one of [...golden.cases, ...golden.partial, ...golden.beyond]) {
        assert.equal(streamed(tokenizer, one.ids).text, one.decoded);
      }
      for (const one of golden.cases) {
        assert.equal(
          streamed(tokenizer, one.ids, { skipSpecialTokens: true }).text,
          one.decoded_skip_special,
        );
      }
    });

    it('streams any ids as decoding all at once, and holds back no more than one character', () => {
      const id = fc.oneof(fc.nat({ max: 255 }), fc.integer({ min: 94, max: 255 }), fc.nat({ max: 2050 }));
      checkProperty(
        fc.property(fc.array(id, { maxLength: 60 }), fc.boolean(), (ids, skipSpecialTokens) => {
          const stream = new StreamText(tokenizer, { skipSpecialTokens });
          let shown = '';
          for (const [index, next] of ids.entries()) {
            shown += stream.push(next);
            const whole = tokenizer.decode(ids.slice(0, index + 1), { skipSpecialTokens });
            assert.ok(whole.startsWith(shown), 'text was shown that did not stay');
            assert.ok(
              /^\ufffd?$/.test(whole.slice(shown.length)),
              'more than a part of a character was held back',
            );
          }
          assert.equal(shown + stream.flush(), tokenizer.decode(ids, { skipSpecialTokens }));
        }),
        { numRuns: 500 },
      );
    });

    it('streams texts of any script whole', () => {
      const text = fc.array(
        fc.oneof(fc.string({ unit: 'grapheme' }), fc.constantFrom('👩‍👩‍👧', '漢字', 'é', '\ufeff', '\0')),
      );
      checkProperty(
        fc.property(text, (parts) => {
          const normal = parts.join('').normalize('NFC');
          const { text: shown, pieces } = streamed(tokenizer, tokenizer.encode(normal));
          assert.equal(shown, normal);
          if (!normal.includes('\ufffd')) assert.ok(pieces.every((piece) => !piece.includes('\ufffd')));
        }),
        { numRuns: 300 },
      );
    });

    it('knows its special tokens, and those that only look it', () => {
      const end = tokenizer.idOf('<|im_end|>')!;
      const call = tokenizer.idOf('<tool_call>')!;
      assert.deepEqual(tokenizer.encode('<|im_end|><tool_call>'), [end, call]);
      assert.equal(tokenizer.isSpecial(end), true);
      assert.equal(tokenizer.isSpecial(call), false);
      assert.equal(tokenizer.textOf(end), '<|im_end|>');
      assert.equal(tokenizer.idOf('<no_such_token>'), undefined);
    });

    it('encodes half a surrogate pair as U+FFFD', () => {
      assert.equal(tokenizer.decode(tokenizer.encode('a\ud83db')), 'a\ufffdb');
    });

    it('gives the text and the bytes of one token', () => {
      assert.equal(tokenizer.textOf(270), ' a');
      assert.deepEqual([...tokenizer.bytesOf(270)!], [0x20, 0x61]);
      const [first] = tokenizer.encode('日');
      assert.equal(tokenizer.textOf(first!), '\ufffd');
      assert.equal(tokenizer.textOf(2040), '');
      assert.equal(tokenizer.bytesOf(2040), undefined);
      assert.equal(tokenizer.bytesOf(-1), undefined);
    });
  });
}

describe('tokenizer: files', () => {
  let folder: string;
  const source = JSON.parse(readFileSync(path.join(GOLDEN, 'checkpoint/tokenizer.json'), 'utf8')) as {
    model: Record<string, unknown>;
  };
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'tokenizer-'));
    writeFileSync(path.join(folder, 'tokenizer_config.json'), '{}');
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });
  const write = (value: unknown): void => {
    writeFileSync(
      path.join(folder, 'tokenizer.json'),
      typeof value === 'string' ? value : JSON.stringify(value),
    );
  };
  const refused = (code: string, message: RegExp): Promise<void> =>
    assert.rejects(Tokenizer.open(folder), (thrown: Error & { code?: string }) => {
      assert.equal(thrown.name, 'ImcotError');
      assert.equal(thrown.code, code);
      assert.match(thrown.message, message);
      assert.ok(thrown.message.includes(folder), 'the file is not named');
      return true;
    });

  it('refuses a folder without tokenizer.json', () => refused('missing', /tokenizer\.json/));

  it('refuses a folder without tokenizer_config.json', async () => {
    write(source);
    rmSync(path.join(folder, 'tokenizer_config.json'));
    await refused('missing', /tokenizer_config\.json/);
  });

  it('refuses a file that is cut off', async () => {
    write(JSON.stringify(source).slice(0, 5000));
    await refused('input', /not JSON/);
  });

  const model = (change: Record<string, unknown>): unknown => ({
    ...source,
    model: { ...source.model, ...change },
  });
  const wrong: readonly [string, unknown, RegExp][] = [
    ['a list', [], /JSON object/],
    ['no model', { ...source, model: undefined }, /no "model"/],
    ['another kind', model({ type: 'Unigram' }), /Unigram/],
    ['no merges', model({ merges: undefined }), /lacks "vocab" or "merges"/],
    ['a negative id', model({ vocab: { a: -1 } }), /"a"/],
    ['a huge id', model({ vocab: { a: 1e9 } }), /"a"/],
    ['a merge of one', model({ merges: ['ab'] }), /"merges"/],
    ['another decoder', { ...source, decoder: { type: 'Metaspace' } }, /decoder/],
    ['no added tokens', { ...source, added_tokens: {} }, /added_tokens/],
    ['an added token without content', { ...source, added_tokens: [{ id: 1 }] }, /added_tokens/],
    ['an unknown splitter', { ...source, pre_tokenizer: { type: 'Nonsense' } }, /cannot|used/],
  ];
  for (const [what, value, message] of wrong) {
    it(`refuses ${what}`, async () => {
      write(value);
      await refused('input', message);
    });
  }

  it('spells an added token outside the byte alphabet as itself', async () => {
    write({ ...source, added_tokens: [{ id: 2000, content: '日本 語', special: false }] });
    const tokenizer = await Tokenizer.open(folder);
    assert.deepEqual(tokenizer.encode('x日本 語'), [87, 2000]);
    assert.equal(tokenizer.decode([2000]), '日本 語');
  });

  it('opens a vocabulary of the released size within seconds', async function () {
    this.timeout(60_000);
    const vocab: Record<string, number> = { ...(source.model['vocab'] as Record<string, number>) };
    const merges = [...(source.model['merges'] as string[])];
    const parts = Object.keys(vocab);
    for (let first = 0, id = 2000; id < 151_643; first++) {
      for (const second of parts.slice(0, 256)) {
        const token = `${parts[first]!}${second}`;
        if (token in vocab || id >= 151_643) continue;
        vocab[token] = id++;
        merges.push(`${parts[first]!} ${second}`);
      }
    }
    write({ ...source, model: { ...source.model, vocab, merges }, added_tokens: [] });
    const start = performance.now();
    const tokenizer = await Tokenizer.open(folder);
    assert.ok(performance.now() - start < 10_000);
    assert.ok(tokenizer.textOf(151_642).length > 0);
  });
});
