import type { Tokenizer } from './tokenizer';

/** What a stream of text needs of a tokenizer. */
export type TokenBytes = Pick<Tokenizer, 'bytesOf' | 'isSpecial'>;

/**
 * Text of tokens as they come, never half a character: bytes that may still become one are held back. All that `push`
 * and `flush` return, put together, is what `Tokenizer.decode` makes of all ids at once. A token costs its own bytes.
 */
export class StreamText {
  private readonly decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  private readonly skipSpecialTokens: boolean;

  constructor(
    private readonly tokens: TokenBytes,
    options: { readonly skipSpecialTokens?: boolean } = {},
  ) {
    this.skipSpecialTokens = options.skipSpecialTokens ?? false;
  }

  /** Takes the next id; returns the text that became certain with it. */
  push(id: number): string {
    if (this.skipSpecialTokens && this.tokens.isSpecial(id)) return '';
    const bytes = this.tokens.bytesOf(id);
    return bytes === undefined ? '' : this.decoder.decode(bytes, { stream: true });
  }

  /** The end of the text: what was held back, as U+FFFD. Afterwards a new text may begin. */
  flush(): string {
    return this.decoder.decode();
  }
}
