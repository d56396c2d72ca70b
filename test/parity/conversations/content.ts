import type { Sequence } from '../../../src/inference/backend';
import type { SpecialTokens } from '../../../src/inference/onnx/checkpoint/modelConfig';
import type { ConversationCase } from './cases';

/** A run of plain tokens, or a picture with its markers; `end` is not included. */
interface Piece {
  readonly start: number;
  readonly end: number;
  readonly image?: number;
}

/** The ids of a conversation as pieces that a sequence takes. */
export class Content {
  private readonly pieces: readonly Piece[];

  constructor(
    readonly source: ConversationCase,
    private readonly tokens: SpecialTokens,
  ) {
    this.pieces = piecesOf(source.ids, tokens);
    const images = this.pieces.filter(({ image }) => image !== undefined).length;
    if (images !== source.images.length) {
      throw new Error(
        `"${source.name}" has ${images} runs of image tokens and ${source.images.length} grids`,
      );
    }
  }

  get length(): number {
    return this.source.ids.length;
  }

  /** Appends tokens `from` up to `to`, pictures by way of their pixels. Neither border may lie inside a picture. */
  async append(sequence: Sequence, from: number, to: number): Promise<void> {
    for (const piece of this.pieces) {
      const start = Math.max(from, piece.start);
      const end = Math.min(to, piece.end);
      if (start >= end) continue;
      if (piece.image === undefined) {
        await sequence.appendTokens(this.source.ids.slice(start, end));
        continue;
      }
      const image = this.source.images[piece.image];
      if (!image || start !== piece.start || end !== piece.end) throw new Error('a picture is cut');
      const before = sequence.length;
      await sequence.appendImage(image);
      if (sequence.length - before !== end - start) {
        throw new Error(
          `picture ${piece.image} became ${sequence.length - before - 2} tokens, not ${end - start - 2}`,
        );
      }
    }
  }

  /** Something else than the conversation: its pictures and its own first words backwards. */
  async appendOther(sequence: Sequence): Promise<void> {
    const { ids, images } = this.source;
    const words = ids.slice(0, 40).filter((id) => id !== this.tokens.image);
    await sequence.appendTokens([...words].reverse());
    for (const image of [...images].reverse()) await sequence.appendImage(image);
    await sequence.appendTokens(words.slice(0, 7));
  }

  /** Where a turn begins after the first one, and where the reference appended one; ascending. */
  turns(turnStart: number | undefined): readonly number[] {
    const { ids, appendedAt } = this.source;
    const starts = ids.flatMap((id, at) => (at > 0 && id === turnStart ? [at] : []));
    const all = new Set([...starts, ...(appendedAt === undefined ? [] : [appendedAt])]);
    return [...all].sort((a, b) => a - b);
  }

  /** The place where the conversation is taken up again: the reference's, else the middle one of its turns. */
  branchPoint(turnStart: number | undefined): number {
    const turns = this.turns(turnStart);
    return this.source.appendedAt ?? turns[Math.floor(turns.length / 2)] ?? 1;
  }
}

function piecesOf(ids: readonly number[], tokens: SpecialTokens): readonly Piece[] {
  const pieces: Piece[] = [];
  let images = 0;
  let start = 0;
  for (let at = 0; at < ids.length; at++) {
    if (ids[at] !== tokens.visionStart || ids[at + 1] !== tokens.image) continue;
    let end = at + 1;
    while (ids[end] === tokens.image) end++;
    if (ids[end] !== tokens.visionEnd) throw new Error(`no end marker after the picture at token ${at}`);
    if (at > start) pieces.push({ start, end: at });
    pieces.push({ start: at, end: end + 1, image: images++ });
    start = end + 1;
    at = end;
  }
  if (start < ids.length) pieces.push({ start, end: ids.length });
  return pieces;
}
