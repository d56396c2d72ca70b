import { ImcotError } from '../../common/errors';

const VISIBLE_ASCII = /^[\x21-\x7e]+$/;

/** A key that leaves this object only inside a request's header. */
export class Secret {
  /** @throws ImcotError `usage` when it can't stand in a header */
  constructor(private readonly key: string | undefined) {
    if (key !== undefined && !VISIBLE_ASCII.test(key)) {
      throw new ImcotError(
        'usage',
        "The server's key holds blanks, line ends or letters beyond ASCII: copy it anew.",
      );
    }
  }

  /** Adds it to a request. */
  authorize(headers: Headers): void {
    if (this.key !== undefined) headers.set('authorization', `Bearer ${this.key}`);
  }

  /** The text with the key blotted out: servers repeat keys in their answers. Do it before a text is cut. */
  redact(text: string): string {
    if (this.key === undefined) return text;
    const spellings = new Set([
      this.key,
      encodeURIComponent(this.key),
      JSON.stringify(this.key).slice(1, -1),
      btoa(this.key),
    ]);
    let clean = text;
    for (const spelling of spellings) clean = clean.replaceAll(spelling, '***');
    return clean;
  }
}
