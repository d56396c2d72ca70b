import type { CoordinateFrame } from '../../common/boundingBox';
import type { PlayEvent } from '../../launch/playRollout';
import type { RolloutScore } from '../../rollout/rewards/scoreRollout';
import type { PrinterOptions } from '../text/printer';
import { Printer } from '../text/printer';
import { callText, pixelsText, reportText } from '../toolText';
import { printVerdict } from '../verdictText';
import { LiveBlock } from './liveBlock';
import type { Section, SectionPiece } from './tagSplitter';
import { TagSplitter } from './tagSplitter';

type EventOf<T extends PlayEvent['type']> = Extract<PlayEvent, { type: T }>;

/** What the events of a rollout do not tell those who watch. */
export interface LiveTextOptions extends PrinterOptions {
  /** The picture as the person named it. */
  readonly image: string;
  /** For the head: the model and where it computes. */
  readonly model: string;
}

/**
 * A rollout as text for people while it goes on, in the form of `imcot show`. Each call gives back what to write; model
 * text does nothing to a terminal.
 */
export class LiveText {
  private readonly printer: Printer;
  private turn = -1;
  private splitter = new TagSplitter();
  private block: LiveBlock | undefined;
  private section: Section | undefined;
  private frame: CoordinateFrame = 'original';
  private groundTruth: string | undefined;
  private outcome: EventOf<'end'> | undefined;
  private score: RolloutScore | undefined;

  constructor(private readonly options: LiveTextOptions) {
    this.printer = new Printer(options);
  }

  /** What an event adds. */
  show(event: PlayEvent): string {
    switch (event.type) {
      case 'start':
        return this.head(event);
      case 'prompt':
        return this.prompt(event);
      case 'text':
        return this.startTurn(event.turn) + this.say(this.splitter.push(event.text));
      case 'turn':
        return this.startTurn(event.turn) + this.say(this.splitter.end()) + this.endBlock();
      case 'toolCall':
        return this.toolCall(event);
      case 'crop':
        return '';
      case 'observation':
        return this.observation(event);
      case 'end':
        return this.end(event);
      case 'score':
        this.score = event.score;
        return '';
    }
  }

  /** The verdict and how it ended, after the last event. */
  finish(): string {
    const { outcome, printer, options } = this;
    if (!outcome) return this.endBlock();
    printVerdict(printer, this.score ?? {});
    const { status, reason } = outcome;
    const paint = status === 'finished' ? undefined : options.style.yellow;
    printer.field('outcome', reason === undefined ? status : `${status}: ${reason}`, paint);
    return printer.take();
  }

  private head({ start }: EventOf<'start'>): string {
    const { printer, options } = this;
    const { prompt, frame = 'original', groundTruth } = start;
    this.frame = frame;
    this.groundTruth = groundTruth;
    const [image] = prompt.images ?? [];
    const size = image?.size ? `, ${pixelsText(image.size)}` : '';
    printer.field('model', options.model);
    printer.field('image', `${options.image}${size}`);
    printer.field('question', prompt.question ?? prompt.user, options.style.bold);
    return printer.take();
  }

  private prompt({ images, tokens }: EventOf<'prompt'>): string {
    for (const { seen, tokens: visual } of images) {
      this.printer.field('', `seen as ${pixelsText(seen)}, ${visual} visual tokens`, this.options.style.dim);
    }
    if (tokens !== undefined) this.printer.field('prompt', `${tokens} tokens`);
    return this.printer.take();
  }

  private startTurn(turn: number): string {
    if (turn === this.turn) return '';
    this.turn = turn;
    this.splitter = new TagSplitter();
    this.section = undefined;
    return `\n${this.options.style.bold(`Turn ${turn + 1}`)}\n`;
  }

  private say(pieces: readonly SectionPiece[]): string {
    let out = '';
    for (const { section, text, begins } of pieces) {
      if (begins) out += this.endBlock();
      // A block begins with its first word: blanks between two tags are none.
      if (!this.block && text.trim() === '') continue;
      if (!this.block) out += this.startBlock(section);
      out += this.block?.push(text) ?? '';
    }
    return out;
  }

  private startBlock(section: Section): string {
    const { style, width } = this.options;
    this.section = section;
    this.block = new LiveBlock(width, section === 'toolCall' ? style.dim : undefined);
    const heads: Readonly<Record<Section, string>> = {
      text: style.blue('text'),
      thought: style.blue('thought'),
      toolCall: style.cyan('tool call'),
      answer: style.bold('answer'),
    };
    return `${heads[section]}\n`;
  }

  private endBlock(): string {
    const out = this.block?.end() ?? '';
    this.block = undefined;
    return out;
  }

  private toolCall({ call, report }: EventOf<'toolCall'>): string {
    const { printer, options } = this;
    const { cyan, dim, red } = options.style;
    // Text of other tags, or a call that a server gave back beside the text.
    if (this.section !== 'toolCall') printer.heading(cyan('tool call'));
    this.section = 'toolCall';
    printer.block(callText(call, this.frame));
    printer.block(reportText(report), report.rejected === undefined ? dim : red);
    return printer.take();
  }

  private observation({ pictures, appended, error, text }: EventOf<'observation'>): string {
    const { printer, options } = this;
    const { cyan, dim, red } = options.style;
    printer.heading(cyan('observation'));
    pictures.forEach(({ pixels }, index) => {
      const tokens = appended?.images[index]?.tokens;
      printer.block(`image: ${pixelsText(pixels)}${tokens === undefined ? '' : `, ${tokens} visual tokens`}`);
    });
    if (error !== undefined) printer.block(error, red);
    else printer.words(text, dim);
    return printer.take();
  }

  private end(end: EventOf<'end'>): string {
    const { printer } = this;
    const rest = this.say(this.splitter.end()) + this.endBlock();
    this.outcome = end;
    printer.blank();
    if (end.prediction !== undefined) printer.field('prediction', end.prediction);
    if (this.groundTruth !== undefined) printer.field('ground truth', this.groundTruth);
    return rest + printer.take();
  }
}
