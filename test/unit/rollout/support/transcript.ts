import { scriptedLogProbability, scriptedTokens } from '../../../support/scriptedBackend';
import type { PlayedRollout } from './rolloutLog';

/** One turn as a golden transcript has it. */
export interface GoldenTurn {
  readonly says: string;
  /** How many of its tokens are heard; absent: all, and the one that closes the turn. */
  readonly heard?: number;
  /** The lines of the log between its last token and the next turn. */
  readonly then: readonly string[];
}

/** The lines that a transcript's log must have after its start, token by token. */
export function goldenLines(turns: readonly GoldenTurn[], end: string): string[] {
  return [
    ...turns.flatMap(({ says, heard, then }, turn) => {
      const tokens =
        heard === undefined ? [...scriptedTokens(says), ''] : scriptedTokens(says).slice(0, heard);
      const lines = tokens.map(
        (token, index) => `${turn} token ${JSON.stringify(token)} ${scriptedLogProbability(index)}`,
      );
      return [...lines, ...then.map((line) => `${turn} ${line}`)];
    }),
    end,
  ];
}

/** The lines of a played rollout in the same words, everything in them that is not in the golden ones included. */
export function playedLines({ lines }: PlayedRollout): string[] {
  return lines.filter(({ event }) => event !== 'start').map((line) => plain(line));
}

function plain(line: Record<string, unknown>): string {
  const { t: _t, event, turn, ...rest } = line;
  switch (event) {
    case 'text': {
      const { text, tokens, logProbabilities, ...more } = rest;
      // A token is written once as text and once as a token.
      const [token, other] = tokens as string[];
      if (token !== text || other !== undefined) return JSON.stringify(line);
      return `${String(turn)} token ${JSON.stringify(token)} ${String(logProbabilities)}${others(more)}`;
    }
    case 'toolCall': {
      const { name, arguments: given, ...more } = rest;
      return `${String(turn)} call ${String(name)} ${JSON.stringify(given)}${others(more)}`;
    }
    case 'observation': {
      const { raw, text, images, error, ...more } = rest;
      const pictures = ((images as Record<string, unknown>[] | undefined) ?? []).map((image) => {
        const { width, height } = image['size'] as { width: number; height: number };
        return ` [${width}x${height}=${String(image['visualTokens'])}]`;
      });
      const words = text === undefined ? '' : ` words ${JSON.stringify(text)}`;
      const complaint =
        error === undefined ? '' : error === raw ? ' error' : ` error ${JSON.stringify(error)}`;
      return `${String(turn)} observation ${JSON.stringify(raw)}${words}${complaint}${pictures.join('')}${others(more)}`;
    }
    default:
      return `${String(event)}${others(rest)}`;
  }
}

function others(rest: Readonly<Record<string, unknown>>): string {
  return Object.keys(rest).length === 0 ? '' : ` ${JSON.stringify(rest)}`;
}
