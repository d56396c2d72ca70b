import { Tokenizer as HuggingFaceTokenizer } from '@huggingface/tokenizers';
import path from 'node:path';
import { joinBytes } from '../../../common/copyBytes';
import { ImcotError, errorMessage } from '../../../common/errors';
import { decodeUtf8 } from '../../../common/json';
import { bytesOfToken } from './byteLevel';
import { readJsonObject } from '../checkpoint/folderFiles';
import type { JsonObject } from '../checkpoint/folderFiles';
import { checkTokenizerFile } from './tokenizerFile';

const MAX_TOKENIZER_BYTES = 256 * 2 ** 20;
const MAX_CONFIG_BYTES = 16 * 2 ** 20;

/**
 * Text to token ids and back, by a checkpoint's tokenizer.json (byte-level BPE).
 *
 * Ids that the tokenizer does not know (a model has more rows than its tokenizer has ids) stand for no text.
 * `clean_up_tokenization_spaces` is not looked at: transformers leaves it out for BPE, since it would drop spaces that
 * are in the text.
 */
export class Tokenizer {
  private constructor(
    private readonly engine: HuggingFaceTokenizer,
    private readonly special: ReadonlySet<number>,
  ) {}

  /**
   * Reads tokenizer.json and tokenizer_config.json.
   * @throws ImcotError naming the file: `missing`, `denied`, `limit`, or `input` where it is not a byte-level BPE
   */
  static async open(folder: string): Promise<Tokenizer> {
    const where = path.join(folder, 'tokenizer.json');
    const [file, config] = await Promise.all([
      readJson(where, MAX_TOKENIZER_BYTES),
      readJson(path.join(folder, 'tokenizer_config.json'), MAX_CONFIG_BYTES),
    ]);
    const special = checkTokenizerFile(file, where);
    try {
      return new Tokenizer(new HuggingFaceTokenizer(file, config), special);
    } catch (thrown) {
      throw new ImcotError('input', `${where} is not a tokenizer that can be used: ${errorMessage(thrown)}`, {
        cause: thrown,
      });
    }
  }

  /** Ids of a text. Added tokens that are spelled out in it are recognised; none is added around it. */
  encode(text: string): number[] {
    return text === '' ? [] : this.engine.encode(text, { add_special_tokens: false }).ids;
  }

  /** Text of ids; bytes that are no UTF-8, a part of a character at the end for one, become U+FFFD. */
  decode(ids: readonly number[], options: { readonly skipSpecialTokens?: boolean } = {}): string {
    const skip = options.skipSpecialTokens ?? false;
    const said = skip ? ids.filter((id) => !this.special.has(id)) : ids;
    return decodeUtf8(joinBytes(said.flatMap((id) => this.bytesOf(id) ?? [])));
  }

  /** A token's own text, special ones spelled out; '' for an id that the tokenizer does not know. */
  textOf(id: number): string {
    return decodeUtf8(this.bytesOf(id) ?? new Uint8Array(0));
  }

  /** The bytes that a token adds to the text; undefined for an id that the tokenizer does not know. */
  bytesOf(id: number): Uint8Array | undefined {
    const token = this.engine.id_to_token(id);
    return token === undefined ? undefined : bytesOfToken(token);
  }

  /** The id of a token as the vocabulary spells it (special tokens as in text); undefined where there is none. */
  idOf(token: string): number | undefined {
    return this.engine.token_to_id(token);
  }

  /** Whether `skipSpecialTokens` leaves it out. Some added tokens (`<tool_call>`) are not special. */
  isSpecial(id: number): boolean {
    return this.special.has(id);
  }
}

async function readJson(file: string, maxBytes: number): Promise<JsonObject> {
  const value = await readJsonObject(file, maxBytes);
  if (value !== undefined) return value;
  throw new ImcotError(
    'missing',
    `There is no file ${file}: choose a complete checkpoint folder, as it was downloaded or saved.`,
  );
}
