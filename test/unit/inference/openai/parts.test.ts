import assert from 'node:assert/strict';
import fc from 'fast-check';
import { alignTokens } from '../../../../src/inference/openai/alignTokens';
import { EndMarkers } from '../../../../src/inference/openai/endMarkers';
import { limitLines } from '../../../../src/inference/openai/limitBody';
import { readChunk } from '../../../../src/inference/openai/readChunk';
import { parseServerAddress } from '../../../../src/inference/openai/serverAddress';
import { contextOverflow, ServerRefusal } from '../../../../src/inference/openai/serverRefusal';
import { WireText } from '../../../../src/inference/openai/wireText';
import { checkProperty } from '../../../support/property';

describe('the parts of the server backend', () => {
  it('addresses as people type them', () => {
    const bases = {
      'http://127.0.0.1:8000': 'http://127.0.0.1:8000/v1',
      ' localhost:8080/ ': 'http://localhost:8080/v1',
      'https://gpu.example/v1/': 'https://gpu.example/v1',
      'https://gpu.example/team/v1/chat/completions': 'https://gpu.example/team/v1',
      'http://[::1]:30000': 'http://[::1]:30000/v1',
    };
    for (const [typed, base] of Object.entries(bases)) assert.equal(parseServerAddress(typed).base, base);
    assert.equal(parseServerAddress('http://a:1/v1').root, 'http://a:1');
    for (const bad of [
      '',
      'ftp://a',
      'file:///etc',
      'http://u:secret@a',
      'http://a/?key=secret',
      'http://a/#b',
    ]) {
      assert.throws(
        () => parseServerAddress(bad),
        (thrown: Error) => /can't be used/.test(thrown.message) && !thrown.message.includes('secret'),
        bad,
      );
    }
  });

  it('the texts of a chunk are the same, however its tokens are told', () => {
    const token = fc.record({
      text: fc.oneof(fc.constantFrom('a', 'ab', '', '\ufffd'), fc.string()),
      logProbability: fc.double({ max: 0, noNaN: true }),
      top: fc.constant([]),
    });
    checkProperty(
      fc.property(fc.oneof(fc.string(), fc.constantFrom('aab', 'abé')), fc.array(token), (text, tokens) => {
        const aligned = alignTokens(text, tokens, [], { plain: true, topCount: 0 });
        assert.equal(aligned.map((event) => event.text).join(''), text);
        if (tokens.length > 0) assert.equal(aligned.length, tokens.length);
      }),
      { numRuns: 300 },
    );
  });

  it('a closing marker is dropped at the end alone, wherever the pieces are cut', () => {
    const word = fc.constantFrom('<', '<|', '<|im', '|>', 'a', '<|im_end|>', '<|endoftext|>', ' ', '');
    checkProperty(
      fc.property(fc.array(word), fc.array(fc.nat(9), { minLength: 1 }), (words, cuts) => {
        const text = words.join('');
        const markers = new EndMarkers();
        const seen: string[] = [];
        for (let at = 0, index = 0; at < text.length; index++) {
          const piece = text.slice(at, at + 1 + (cuts[index % cuts.length] ?? 0));
          at += piece.length;
          seen.push(...markers.push({ type: 'token', text: piece, top: [] }).map((event) => event.text));
        }
        const rest = markers.end();
        const whole = seen.join('') + rest.events.map((event) => event.text).join('');
        const marker = ['<|im_end|>', '<|endoftext|>'].find((candidate) => text.endsWith(candidate));
        assert.equal(rest.marker, marker !== undefined);
        assert.equal(whole, marker === undefined ? text : text.slice(0, -marker.length));
      }),
      { numRuns: 300 },
    );
  });

  it('calls come in pieces, several at a time, between texts', () => {
    const wire = new WireText();
    const push = (delta: object): string => wire.push(readChunk({ choices: [{ index: 0, delta }] }));
    assert.equal(push({ content: 'x' }), 'x');
    assert.equal(push({ tool_calls: [{ index: 0, function: { name: 'a', arguments: '{"b"' } }] }), '');
    assert.equal(push({ tool_calls: [{ index: 1, function: { name: 'c' } }] }), '');
    assert.equal(push({ tool_calls: [{ index: 0, function: { arguments: ': 1}' } }] }), '');
    const calls =
      '<tool_call>\n{"name": "a", "arguments": {"b": 1}}\n</tool_call><tool_call>\n{"name": "c", "arguments": {}}\n</tool_call>';
    assert.equal(push({ content: 'y' }), `${calls}y`);
    assert.equal(wire.flush(), '');
  });

  it('anything at all is a chunk', () => {
    checkProperty(
      fc.property(fc.jsonValue(), (value) => {
        const chunk = readChunk(value);
        assert.equal(typeof chunk.text, 'string');
        readChunk({ choices: [{ delta: value, logprobs: value, token_ids: value }], usage: value });
        readChunk({ choices: value });
      }),
      { numRuns: 300 },
    );
  });

  it('the end of the context in the words of each server', () => {
    const told = (body: unknown): unknown =>
      contextOverflow(new ServerRefusal(400, JSON.stringify(body), null));
    const room = { contextLength: 4096, promptTokens: 4000 };
    const older =
      "This model's maximum context length is 4096 tokens. However, you requested 4200 tokens (4000 in the messages, 200 in the completion).";
    const sglang =
      "Requested token count exceeds the model's maximum context length of 4096 tokens. You requested a total of 4200 tokens: 4000 tokens from the input messages and 200 tokens for the completion.";
    assert.deepEqual(told({ object: 'error', message: older }), room);
    assert.deepEqual(told({ object: 'error', message: sglang }), room);
    const llama = { code: 400, type: 'exceed_context_size_error', n_prompt_tokens: 4000, n_ctx: 4096 };
    assert.deepEqual(told({ error: llama }), room);
    assert.equal(told({ error: { message: 'top_k must be -1 or at least 1' } }), undefined);
  });

  it('lines are counted over the borders of pieces', async () => {
    const pass = async (pieces: readonly string[], limit: number): Promise<number> => {
      const bytes = (async function* (): AsyncGenerator<Uint8Array> {
        for (const piece of pieces) yield await Promise.resolve(new TextEncoder().encode(piece));
      })();
      let total = 0;
      for await (const chunk of limitLines(bytes, limit)) total += chunk.length;
      return total;
    };
    assert.equal(await pass(['abc', 'd\nabcd', '\r\n', 'abcd'], 4), 15);
    await assert.rejects(pass(['abc', 'de'], 4), /more than 4 bytes/);
    await assert.rejects(pass(['\nabcde\n'], 4), /more than 4 bytes/);
  });
});
