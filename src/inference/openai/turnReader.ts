import { ImcotError } from '../../common/errors';
import type { GenerateOptions, GenerationEvent } from '../backend';
import { StopStrings } from '../stopStrings';
import { alignTokens, type Reported, type TokenEvent } from './alignTokens';
import { EndMarkers } from './endMarkers';
import { readChunk } from './readChunk';
import { WireText } from './wireText';

type EndEvent = Extract<GenerationEvent, { type: 'end' }>;

/** No token of a known model is nearly as long: a server that sends more does not count what it sends. */
const LONGEST_TOKEN = 1024;
const TEXT_ALLOWANCE = 65_536;
/** A server may send a token in several pieces, so more pieces than tokens are no fault until there are far too many. */
const PIECES_PER_TOKEN = 4;
const PIECE_ALLOWANCE = 64;

/** Endings that are no ending of the model's: SGLang's `abort`, vLLM's `error`, a filter in front of a server. */
const BROKEN_ENDINGS: readonly string[] = ['abort', 'error', 'content_filter'];

/** Turns the chunks of one answer into events. */
export class TurnReader {
  private readonly wire = new WireText();
  private readonly markers = new EndMarkers();
  private readonly stops: StopStrings;
  private stopString: string | undefined;
  private finish: string | undefined;
  private toldStop: string | undefined;
  private length = 0;
  /** Tokens so far: pieces, where the server tells no tokens. */
  count = 0;
  /** The server's own count. */
  usage: { readonly prompt: number; readonly completion: number } | undefined;

  /** @param contextLength tokens that the conversation can hold */
  constructor(
    private readonly options: GenerateOptions,
    private readonly reported: Reported,
    private readonly contextLength: number,
  ) {
    this.stops = new StopStrings(options.stopStrings ?? []);
  }

  /** True when a stop string is complete, or the server does not stop: what follows is not part of the turn. */
  get isOver(): boolean {
    return (
      this.stopString !== undefined ||
      this.count >= this.options.maxTokens * PIECES_PER_TOKEN + PIECE_ALLOWANCE
    );
  }

  /** True when the server has said why it ended. */
  get hasFinished(): boolean {
    return this.finish !== undefined;
  }

  /**
   * The events of one chunk.
   * @throws ImcotError `limit` when there is more text than the tokens asked for can hold; `input` when the server says
   *   that it failed
   */
  push(value: unknown): TokenEvent[] {
    const chunk = readChunk(value);
    if (chunk.usage !== undefined) this.usage = chunk.usage;
    if (chunk.stopString !== undefined) this.toldStop = chunk.stopString;
    if (chunk.finish !== undefined) this.finish = chunk.finish;
    const over = this.isOver;
    const text = this.wire.push(chunk);
    const events = over ? [] : alignTokens(text, chunk.tokens, chunk.ids, this.reported);
    if (this.finish !== undefined && BROKEN_ENDINGS.includes(this.finish)) {
      throw new ImcotError('input', `The server broke the answer off (${this.finish}). Look at its own log.`);
    }
    return this.accept(events.flatMap((event) => this.markers.push(event)));
  }

  /** What is still held back when the stream is over, and the end. */
  end(): { readonly events: readonly TokenEvent[]; readonly end: EndEvent } {
    const called = this.isOver ? '' : this.wire.flush();
    const late = called === '' ? [] : this.markers.push({ type: 'token', text: called, top: [] });
    const rest = this.markers.end();
    const events = this.accept([...late, ...rest.events]);
    return { events, end: this.ending(rest.marker) };
  }

  private ending(marker: boolean): EndEvent {
    const stop = this.stopString;
    if (stop !== undefined) return { type: 'end', reason: 'stopString', stopString: stop, text: '' };
    if (marker) return { type: 'end', reason: 'endOfTurn', text: '' };
    const told = this.options.stopStrings?.find((candidate) => candidate === this.toldStop);
    // It stopped there and took the string off: it belongs to the text.
    if (told !== undefined) return { type: 'end', reason: 'stopString', stopString: told, text: told };
    if (this.finish !== undefined && this.finish !== 'length')
      return { type: 'end', reason: 'endOfTurn', text: '' };
    return { type: 'end', reason: this.isFull ? 'context' : 'length', text: '' };
  }

  private get isFull(): boolean {
    const { usage } = this;
    if (usage === undefined || usage.completion >= this.options.maxTokens) return false;
    return usage.prompt + usage.completion >= this.contextLength;
  }

  /** Counts, and cuts at the stop string that comes first. */
  private accept(events: readonly TokenEvent[]): TokenEvent[] {
    const accepted: TokenEvent[] = [];
    for (const event of events) {
      if (this.isOver) break;
      this.count++;
      this.length += event.text.length;
      if (this.length > this.options.maxTokens * LONGEST_TOKEN + TEXT_ALLOWANCE) {
        throw new ImcotError(
          'limit',
          `The server sends more text than ${this.options.maxTokens} tokens can hold.`,
        );
      }
      const match = this.stops.push(event.text);
      this.stopString = match?.stopString;
      accepted.push(match === undefined ? event : { ...event, text: event.text.slice(0, match.end) });
    }
    return accepted;
  }
}
