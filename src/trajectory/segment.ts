import type { TurnSemantics } from './environment';
import type { ImageReference } from './imageReference';
import { parseTurn } from './parseTurn';
import { hasSpecialTokens, IM_END, IM_START, imagesOfPads, withoutSpecialTokens } from './specialTokens';
import { ROTATE_TOOL, ZOOM_TOOL } from './toolCall';
import type { ModelPart, ObservationPart, Turn } from './turn';

/** A stretch of a response that one side wrote. Joined, the pieces give the response byte for byte. */
export interface ResponsePiece {
  readonly kind: 'model' | 'observation';
  readonly raw: string;
}

const ASSISTANT_HEADER = `${IM_START}assistant\n`;
const TURN_END = `${IM_END}\n${ASSISTANT_HEADER}`;
const STRIPPED_USER = '\nuser\n';
const STRIPPED_ASSISTANT = '\nassistant\n';
const TOOL_RESPONSE_END = '</tool_response>';
/** How the words of an observation begin that is the environment's complaint. */
export const ERROR_WORDS = /^(?:Error\b|Tool Execution Error\b)/;

/** `indexOf` for searches that never go back: what isn't there any more is not looked for again. */
function forwardFinder(text: string, needle: string): (from: number) => number {
  let found = 0;
  let isKnown = false;
  return (from) => {
    if (!isKnown || (found >= 0 && found < from)) found = text.indexOf(needle, from);
    isKnown = true;
    return found;
  };
}

/**
 * Cuts a response that was decoded with special tokens. An observation reaches from the line break before
 * `<|im_start|>user` (or another role that is not the assistant) to the end of the next `<|im_start|>assistant` line.
 * Source: the observation strings of DeepEyes' `visual_toolbox_v2.py`.
 */
export function splitWithSpecialTokens(response: string): ResponsePiece[] {
  const pieces: ResponsePiece[] = [];
  const findTurnEnd = forwardFinder(response, TURN_END);
  const findAssistant = forwardFinder(response, ASSISTANT_HEADER);
  let from = 0;
  let search = 0;
  for (;;) {
    const header = response.indexOf(IM_START, search);
    if (header < 0) break;
    search = header + IM_START.length;
    if (response.startsWith(ASSISTANT_HEADER, header)) continue;
    const start = header > from && response[header - 1] === '\n' ? header - 1 : header;
    // The whole closing sequence first: an error may quote the policy, who may have written a header.
    const wholeEnd = findTurnEnd(search);
    const bareEnd = wholeEnd < 0 ? findAssistant(search) : -1;
    const end =
      wholeEnd >= 0
        ? wholeEnd + TURN_END.length
        : bareEnd >= 0
          ? bareEnd + ASSISTANT_HEADER.length
          : response.length;
    if (start > from) pieces.push({ kind: 'model', raw: response.slice(from, start) });
    pieces.push({ kind: 'observation', raw: response.slice(start, end) });
    from = end;
    search = end;
  }
  if (from < response.length) pieces.push({ kind: 'model', raw: response.slice(from) });
  return pieces;
}

/** Whether a line `user` at this place begins an observation, and from where its closing line must be looked for. */
function strippedObservation(
  response: string,
  user: number,
  from: number,
  findResponseEnd: (from: number) => number,
): number | undefined {
  const body = user + STRIPPED_USER.length;
  const head = response.slice(body, body + 32);
  if (head.startsWith('<tool_response>')) {
    let end = findResponseEnd(body);
    // Several images come as several responses in a row.
    while (end >= 0 && response.startsWith('\n<tool_response>', end + TOOL_RESPONSE_END.length)) {
      end = findResponseEnd(end + TOOL_RESPONSE_END.length);
    }
    return end < 0 ? body : end + TOOL_RESPONSE_END.length;
  }
  if (ERROR_WORDS.test(head)) return body;
  const before = response.slice(Math.max(from, user - 64), user).trimEnd();
  return before.endsWith('</tool_call>') ? body : undefined;
}

/**
 * Cuts a response whose special tokens were stripped (verl's dumps): of `<|im_start|>user` remains a line `user`, which
 * text may hold as well. It begins an observation only where `<tool_response>` or an error follows, or where a closed
 * call stands before it; the observation then reaches to the end of the next line `assistant`.
 */
export function splitStripped(response: string): ResponsePiece[] {
  const pieces: ResponsePiece[] = [];
  const findResponseEnd = forwardFinder(response, TOOL_RESPONSE_END);
  const findAssistant = forwardFinder(response, STRIPPED_ASSISTANT);
  let from = 0;
  let user = response.indexOf(STRIPPED_USER);
  while (user >= 0) {
    const bodyEnd = strippedObservation(response, user, from, findResponseEnd);
    const next = user + STRIPPED_USER.length - 1;
    if (bodyEnd === undefined) {
      user = response.indexOf(STRIPPED_USER, next);
      continue;
    }
    const assistant = findAssistant(Math.max(bodyEnd - 1, next));
    const end = assistant < 0 ? response.length : assistant + STRIPPED_ASSISTANT.length;
    if (user > from) pieces.push({ kind: 'model', raw: response.slice(from, user) });
    pieces.push({ kind: 'observation', raw: response.slice(user, end) });
    from = end;
    // The next observation may follow at once: the line break before its `user` is the one that ends `assistant`.
    user = response.indexOf(STRIPPED_USER, Math.max(end - 1, next));
    if (user >= 0 && user < end) user = response.indexOf(STRIPPED_USER, end);
  }
  if (from < response.length) pieces.push({ kind: 'model', raw: response.slice(from) });
  return pieces;
}

/** The words of an observation without tags, pads, special tokens and the role lines around them. */
export function observationWords(raw: string): string {
  const withoutRoles = hasSpecialTokens(raw)
    ? raw.replace(/^\n?<\|im_start\|>[a-z_]{1,32}\n/, '').replace(/<\|im_start\|>assistant\n$/, '')
    : raw.replace(/^\nuser\n/, '').replace(/\nassistant\n?$/, '');
  return withoutSpecialTokens(withoutRoles)
    .replaceAll(/<\/?tool_response>|<image>/g, '')
    .trim();
}

/** Crops that a stripped observation must have held: one per response, when an image tool was called and no error came. */
function impliedImages(raw: string, turn: readonly ModelPart[]): ImageReference[] {
  const calledImageTool = turn.some(
    (part) =>
      part.kind === 'toolCall' &&
      part.acted &&
      part.call.status === 'parsed' &&
      (part.call.name === ZOOM_TOOL || part.call.name === ROTATE_TOOL),
  );
  if (!calledImageTool) return [];
  const responses = raw.split('<tool_response>').length - 1;
  return Array.from({ length: Math.max(1, responses) }, () => ({ kind: 'blank' as const }));
}

function observation(raw: string, turn: readonly ModelPart[]): ObservationPart {
  const text = observationWords(raw);
  const isError = ERROR_WORDS.test(text);
  const images = hasSpecialTokens(raw) ? imagesOfPads(raw) : isError ? [] : impliedImages(raw, turn);
  return { kind: 'observation', raw, images, text, ...(isError && images.length === 0 && { error: text }) };
}

/**
 * The turns of a response: each generation with the observation that came back for it. An observation that nothing
 * precedes gets an empty turn, so that no text of the response is lost.
 * @param response as dumped, with or without special tokens
 */
export function turnsOfResponse(response: string, semantics: TurnSemantics): Turn[] {
  const pieces = hasSpecialTokens(response) ? splitWithSpecialTokens(response) : splitStripped(response);
  const turns: Turn[] = [];
  pieces.forEach((piece, index) => {
    const previous = pieces[index - 1];
    if (piece.kind === 'model') {
      turns.push({ raw: piece.raw, parts: parseTurn(piece.raw, semantics).parts });
    } else if (previous?.kind === 'model') {
      const turn = turns.pop();
      if (turn) turns.push({ ...turn, observation: observation(piece.raw, turn.parts) });
    } else turns.push({ raw: '', parts: [], observation: observation(piece.raw, []) });
  });
  return turns;
}
