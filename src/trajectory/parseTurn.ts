import type { Decision, TaggedSpan } from './decision';
import { decide } from './decision';
import type { TurnSemantics } from './environment';
import { readToolCall } from './environment';
import type { ModelPart } from './turn';

/** A turn's text, cut for display, and what the environment does with it. */
export interface ParsedTurn {
  readonly parts: readonly ModelPart[];
  readonly decision: Decision;
}

/** More tags than this in one turn are no structure any more: the rest becomes text. Keeps hostile text small. */
const MAX_TAGS = 10_000;
const TAG = /<(\/?)(think|tool_call|answer)>|<\|[a-z_]{1,32}\|>/g;

/** A span that the environment's own search found, so it stands whatever is around it. */
interface FixedSpan extends TaggedSpan {
  readonly kind: 'toolCall' | 'answer';
  readonly acted: boolean;
}

interface Tag {
  readonly start: number;
  readonly end: number;
  readonly kind: 'thought' | 'toolCall' | 'answer' | 'special';
  readonly closing: boolean;
  /** Of an opening `<think>`: whether the next think tag closes it. */
  closes: boolean;
}

type Mode =
  | { readonly kind: 'text' | 'toolCall' | 'answer' }
  | { readonly kind: 'thought'; readonly closes: boolean; readonly pieces: number };

const TEXT: Mode = { kind: 'text' };

/**
 * The spans to show: what the environment acts on comes first, then whatever else doesn't overlap with that.
 * (An answer inside a call that is acted on, or the other way round, stays in the text of the outer one.)
 */
function fixedSpans(decision: Decision): FixedSpan[] {
  const acted = new Set(decision.acted);
  const asCall = (span: TaggedSpan): FixedSpan => ({ ...span, kind: 'toolCall', acted: acted.has(span) });
  const asAnswer = (span: TaggedSpan): FixedSpan => ({ ...span, kind: 'answer', acted: false });
  const first = decision.acted.map(asCall);
  if (decision.answer && first.length === 0) first.push(asAnswer(decision.answer));
  const taken = new Set<TaggedSpan>(
    [...decision.acted, ...(acted.size === 0 ? [decision.answer] : [])].filter(
      (span): span is TaggedSpan => span !== undefined,
    ),
  );
  const rest = [
    ...decision.calls
      .filter((span) => !taken.has(span))
      .slice(0, MAX_TAGS)
      .map(asCall),
    ...decision.answers
      .filter((span) => !taken.has(span))
      .slice(0, MAX_TAGS)
      .map(asAnswer),
  ].sort((a, b) => a.outer.start - b.outer.start);

  let next = 0;
  let reached = 0;
  const accepted = [...first];
  for (const span of rest) {
    while (next < first.length && (first[next]?.outer.end ?? 0) <= span.outer.start) next++;
    const blocking = first[next];
    if (span.outer.start < reached || (blocking && blocking.outer.start < span.outer.end)) continue;
    accepted.push(span);
    reached = span.outer.end;
  }
  return accepted.sort((a, b) => a.outer.start - b.outer.start);
}

/** Tags and special tokens outside the fixed spans, in order. */
function looseTags(text: string, fixed: readonly FixedSpan[]): Tag[] {
  const tags: Tag[] = [];
  let next = 0;
  TAG.lastIndex = 0;
  for (let found = TAG.exec(text); found && tags.length < MAX_TAGS; found = TAG.exec(text)) {
    const start = found.index;
    while (next < fixed.length && (fixed[next]?.outer.end ?? 0) <= start) next++;
    const span = fixed[next];
    if (span && start >= span.outer.start) {
      TAG.lastIndex = span.outer.end;
      continue;
    }
    const name = found[2];
    const kind =
      name === undefined
        ? 'special'
        : name === 'think'
          ? 'thought'
          : name === 'tool_call'
            ? 'toolCall'
            : 'answer';
    tags.push({ start, end: start + found[0].length, kind, closing: found[1] === '/', closes: false });
  }
  let nextCloses = false;
  for (const tag of tags.toReversed()) {
    if (tag.kind !== 'thought') continue;
    tag.closes = !tag.closing && nextCloses;
    nextCloses = tag.closing;
  }
  return tags;
}

/** Walks over tags and fixed spans from left to right and emits the parts between them. */
class PartBuilder {
  readonly parts: ModelPart[] = [];
  private mode: Mode = TEXT;
  private runStart = 0;

  constructor(
    private readonly text: string,
    private readonly environment: TurnSemantics,
  ) {}

  private emit(kind: ModelPart['kind'], start: number, end: number, closed: boolean, acted = false): void {
    const text = this.text.slice(start, end);
    const common = { range: { start, end }, text, closed };
    if (kind === 'toolCall') {
      this.parts.push({ kind, ...common, call: readToolCall(text, this.environment), acted });
    } else this.parts.push({ kind, ...common });
  }

  /** Ends the run at `end` and goes on at `next`. Blank text is no part, nor is a blank rest of a thought. */
  private flush(end: number, next: number, closed: boolean): void {
    const { mode, runStart } = this;
    this.runStart = next;
    const isBlank = this.text.slice(runStart, end).trim() === '';
    if (mode.kind === 'thought') {
      if (isBlank && (mode.pieces > 0 || !mode.closes)) return;
      this.emit('thought', runStart, end, mode.closes);
      this.mode = { ...mode, pieces: mode.pieces + 1 };
    } else if (!isBlank || mode.kind !== 'text')
      this.emit(mode.kind, runStart, end, mode.kind === 'text' || closed);
  }

  fixed(span: FixedSpan): void {
    this.flush(span.outer.start, span.outer.end, false);
    this.emit(span.kind, span.inner.start, span.inner.end, span.closed, span.acted);
    // A thought that is closed further on goes on after what the environment found in it.
    if (this.mode.kind !== 'thought' || !this.mode.closes) this.mode = TEXT;
  }

  tag(tag: Tag): void {
    const inThought = this.mode.kind === 'thought' && this.mode.closes;
    if (tag.kind === 'special') {
      this.flush(tag.start, tag.end, false);
      if (this.mode.kind !== 'thought') this.mode = TEXT;
    } else if (tag.kind === 'thought') {
      if (tag.closing) this.closeThought(tag);
      else this.enter(tag, { kind: 'thought', closes: tag.closes, pieces: 0 });
    } else if (inThought || (this.mode.kind === tag.kind && !tag.closing)) {
      // Unpaired tags within a thought, and an opening tag within an open part of its kind, are just its text.
      return;
    } else if (tag.closing) {
      this.flush(tag.start, tag.end, this.mode.kind === tag.kind);
      this.mode = TEXT;
    } else this.enter(tag, { kind: tag.kind });
  }

  private enter(tag: Tag, mode: Mode): void {
    this.flush(tag.start, tag.end, false);
    this.mode = mode;
  }

  private closeThought(tag: Tag): void {
    // Templates may put the opening tag into the prompt: then all that stands before the closing one is the thought.
    const isHeadless = this.mode.kind === 'text' && this.parts.length === 0;
    if (isHeadless) this.mode = { kind: 'thought', closes: true, pieces: 0 };
    this.flush(tag.start, tag.end, false);
    this.mode = TEXT;
  }

  finish(): readonly ModelPart[] {
    this.flush(this.text.length, this.text.length, false);
    return this.parts;
  }
}

/**
 * Cuts the text of one turn into parts. Ranges are ordered and don't overlap; outside of them stand only tags, special
 * tokens and blanks. What the environment acts on is always a part, also inside a thought, which is then in pieces.
 * A thought without an end reaches to the next tag; a `</think>` that nothing opened closes a thought from the start.
 * Linear in the text; never throws.
 * @param text one generation as it was decoded, with or without special tokens
 */
export function parseTurn(text: string, environment: TurnSemantics): ParsedTurn {
  const decision = decide(text, environment);
  const fixed = fixedSpans(decision);
  const builder = new PartBuilder(text, environment);
  let next = 0;
  for (const tag of looseTags(text, fixed)) {
    for (let span = fixed[next]; span && span.outer.start < tag.start; span = fixed[++next])
      builder.fixed(span);
    builder.tag(tag);
  }
  for (const span of fixed.slice(next)) builder.fixed(span);
  return { parts: builder.finish(), decision };
}
