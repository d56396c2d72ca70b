/** What a piece of model text is part of. */
export type Section = 'text' | 'thought' | 'toolCall' | 'answer';

/** A piece of model text without the tags around it. */
export interface SectionPiece {
  readonly section: Section;
  readonly text: string;
  /** A tag stands before this piece, so it belongs to another block than the last one. */
  readonly begins: boolean;
}

const TAGS: ReadonlyMap<string, Section> = new Map([
  ['<think>', 'thought'],
  ['</think>', 'text'],
  ['<tool_call>', 'toolCall'],
  ['</tool_call>', 'text'],
  ['<answer>', 'answer'],
  ['</answer>', 'text'],
]);

/**
 * Divides the text of one turn at its tags while it is being written: a tag may come in several pieces, so what could
 * become one is held back. For people who watch; the log's parts are divided by the protocol, when the turn is over.
 */
export class TagSplitter {
  private section: Section = 'text';
  private held = '';
  private begins = true;

  /** What is certain with this piece of text. */
  push(text: string): readonly SectionPiece[] {
    const pieces: SectionPiece[] = [];
    this.held += text;
    for (let at = this.held.indexOf('<'); at >= 0; at = this.held.indexOf('<')) {
      this.say(this.held.slice(0, at), pieces);
      this.held = this.held.slice(at);
      const tag = [...TAGS.keys()].find((known) => this.held.startsWith(known));
      if (tag !== undefined) {
        this.section = TAGS.get(tag) ?? 'text';
        this.begins = true;
        this.held = this.held.slice(tag.length);
      } else if ([...TAGS.keys()].some((known) => known.startsWith(this.held))) return pieces;
      else {
        this.say('<', pieces);
        this.held = this.held.slice(1);
      }
    }
    this.say(this.held, pieces);
    this.held = '';
    return pieces;
  }

  /** What was held back, at the end of the turn. */
  end(): readonly SectionPiece[] {
    const pieces: SectionPiece[] = [];
    this.say(this.held, pieces);
    this.held = '';
    return pieces;
  }

  private say(text: string, pieces: SectionPiece[]): void {
    if (text === '') return;
    pieces.push({ section: this.section, text, begins: this.begins });
    this.begins = false;
  }
}
