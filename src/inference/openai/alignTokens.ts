import type { GenerationEvent } from '../backend';
import type { ServerToken } from './readChunk';

/** What a generation yields for each token. */
export type TokenEvent = Extract<GenerationEvent, { type: 'token' }>;

const REPLACEMENT = '\ufffd';

/** How the tokens of a chunk are reported. */
export interface Reported {
  /** False where the server's log-probabilities are not those that `TokenChoice` means. */
  readonly plain: boolean;
  readonly topCount: number;
}

/**
 * One event per token of a chunk, whose texts together are the chunk's. A server holds text back while a character is
 * incomplete, so a token gets its own text where that is what comes next, else '' and the last one what is left. Text
 * without tokens is one event that has no id.
 * @param ids of the tokens, where the chunk tells them apart from the tokens; used only when there is one for each
 */
export function alignTokens(
  text: string,
  tokens: readonly ServerToken[],
  ids: readonly number[],
  reported: Reported,
): TokenEvent[] {
  if (tokens.length === 0) return text === '' ? [] : [{ type: 'token', text, top: [] }];
  let position = 0;
  return tokens.map((token, index) => {
    const rest = text.slice(position);
    const isOwn = token.text !== '' && !token.text.includes(REPLACEMENT) && rest.startsWith(token.text);
    const piece = index === tokens.length - 1 ? rest : isOwn ? token.text : '';
    position += piece.length;
    const id = token.id ?? (ids.length === tokens.length ? ids[index] : undefined);
    return {
      type: 'token',
      ...(id !== undefined && { id }),
      text: piece,
      ...(reported.plain && { logProbability: token.logProbability }),
      top: reported.plain ? [...token.top].sort(byProbability).slice(0, reported.topCount) : [],
    };
  });
}

function byProbability(
  a: { readonly logProbability: number },
  b: { readonly logProbability: number },
): number {
  return b.logProbability - a.logProbability;
}
