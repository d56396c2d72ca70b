import type { TokenEvent } from './alignTokens';

/**
 * With which tokens models of the Qwen family close a turn. A server that is asked to leave special tokens in the text
 * may leave these, too; elsewhere they are no part of what was said.
 */
const MARKERS = ['<|im_end|>', '<|endoftext|>'];

/** Holds events back while their text may be the beginning of a closing marker. */
export class EndMarkers {
  private held: TokenEvent[] = [];

  /** The events that are certain to be text. */
  push(event: TokenEvent): TokenEvent[] {
    this.held.push(event);
    const text = this.text;
    const certain = text.length - longestSuffix(text);
    const released: TokenEvent[] = [];
    let end = 0;
    for (let first = this.held[0]; first !== undefined; first = this.held[0]) {
      end += first.text.length;
      if (end > certain) break;
      released.push(first);
      this.held.shift();
    }
    return released;
  }

  /** What is left at the end, and whether a whole marker was taken off it. */
  end(): { readonly events: readonly TokenEvent[]; readonly marker: boolean } {
    const { text, held: events } = this;
    this.held = [];
    const marker = MARKERS.find((candidate) => text.endsWith(candidate));
    if (marker === undefined) return { events, marker: false };
    let left = text.length - marker.length;
    const cut = events.map((event) => {
      const kept = event.text.slice(0, left);
      left -= kept.length;
      return { ...event, text: kept };
    });
    return { events: cut, marker: true };
  }

  private get text(): string {
    return this.held.map((event) => event.text).join('');
  }
}

/** How many units at the end of the text may be a marker or its beginning. */
function longestSuffix(text: string): number {
  const longest = Math.max(...MARKERS.map((marker) => marker.length));
  for (let length = Math.min(text.length, longest); length > 0; length--) {
    const suffix = text.slice(-length);
    if (MARKERS.some((marker) => marker.startsWith(suffix))) return length;
  }
  return 0;
}
