import { parseTurn } from '../../trajectory/parseTurn';
import type { TurnSemantics } from '../../trajectory/environment';
import type { TokenRun } from '../../trajectory/tokenAlignment';
import { withTokenSpans } from '../../trajectory/tokenAlignment';
import type { TokenTrack } from '../../trajectory/trajectory';
import type { ModelPart, ObservationPart, Turn } from '../../trajectory/turn';
import type { JsonRecord } from '../fields';
import { asTexts } from '../fields';
import type { ImageRecords } from './imcotFields';
import { partsOf, rangeOf } from './imcotFields';
import { isCount, numbersField, textField } from './jsonFields';
import { structuredCallPart } from './structuredCall';

interface Draft {
  raw: string;
  recovered: boolean;
  parts?: readonly ModelPart[];
  readonly calls: { readonly name: string; readonly args: unknown }[];
  observation?: ObservationPart;
}

/** Puts the turns of one trajectory together from its events, in file order. */
export class TurnAssembler {
  private readonly drafts = new Map<number, Draft>();
  private readonly tokens = new TrackBuilder();
  private wholeTrack: TokenTrack | undefined;

  constructor(private readonly images: ImageRecords) {}

  /** Takes an event of a turn (or the tokens of all). False when the event is not what the format says. */
  add(event: JsonRecord): boolean {
    if (event['event'] === 'tokens') {
      const track = trackOf(event);
      this.wholeTrack = track ?? this.wholeTrack;
      return track !== undefined;
    }
    const { turn } = event;
    if (!isCount(turn)) return false;
    switch (event['event']) {
      case 'text':
        return this.text(turn, event);
      case 'toolCall':
        return this.toolCall(turn, event);
      case 'observation':
        return this.observation(turn, event);
      case 'parts': {
        const parts = partsOf(event['parts']);
        if (parts !== undefined) this.draft(turn).parts = parts;
        return parts !== undefined;
      }
      default:
        return false;
    }
  }

  /** The turns in the order of their numbers, and the tokens where there are any. */
  finish(semantics: TurnSemantics): { readonly turns: readonly Turn[]; readonly tokens?: TokenTrack } {
    const ordered = [...this.drafts].sort(([a], [b]) => a - b);
    const turns = ordered.map(([, draft]) => turnOf(draft, semantics));
    if (this.wholeTrack) return { turns, tokens: this.wholeTrack };
    const tokens = this.tokens.track();
    return tokens === undefined
      ? { turns }
      : { turns: withTokenSpans(turns, tokens.texts, this.tokens.runs), tokens };
  }

  private draft(turn: number): Draft {
    const known = this.drafts.get(turn);
    if (known) return known;
    const draft: Draft = { raw: '', recovered: false, calls: [] };
    this.drafts.set(turn, draft);
    return draft;
  }

  private text(turn: number, event: JsonRecord): boolean {
    const { text } = event;
    if (typeof text !== 'string') return false;
    const draft = this.draft(turn);
    draft.raw += text;
    draft.recovered ||= event['recovered'] === true;
    this.tokens.add(`model ${turn}`, event);
    return true;
  }

  private toolCall(turn: number, event: JsonRecord): boolean {
    const { name } = event;
    if (typeof name !== 'string') return false;
    const draft = this.draft(turn);
    if (event['structured'] === true) draft.calls.push({ name, args: event['arguments'] });
    return true;
  }

  private observation(turn: number, event: JsonRecord): boolean {
    const { raw, text } = event;
    if (typeof raw !== 'string') return false;
    const span = rangeOf(event['span']);
    this.draft(turn).observation = {
      kind: 'observation',
      raw,
      images: this.images.references(event['images']),
      text: typeof text === 'string' ? text : raw,
      ...textField('error', event['error']),
      ...(span && { tokens: span }),
    };
    this.tokens.add(`observation ${turn}`, event);
    return true;
  }
}

function turnOf(draft: Draft, semantics: TurnSemantics): Turn {
  const { raw, calls, observation, recovered } = draft;
  const parts = draft.parts ?? [
    ...parseTurn(raw, semantics).parts,
    ...calls.map(({ name, args }) => structuredCallPart(name, args, true, raw.length)),
  ];
  return { raw, parts, ...(observation && { observation }), ...(recovered && { recovered }) };
}

function trackOf(event: JsonRecord): TokenTrack | undefined {
  const texts = asTexts(event['texts']);
  const mask = event['actionMask'];
  if (texts === undefined || !Array.isArray(mask) || mask.length !== texts.length) return undefined;
  if (!mask.every((entry) => typeof entry === 'boolean')) return undefined;
  const numbers = <K extends string>(name: K) => {
    const list = event[name];
    return Array.isArray(list) && list.length === texts.length ? numbersField(name, list) : {};
  };
  return {
    texts,
    actionMask: mask as boolean[],
    ...numbers('logProbabilities'),
    ...numbers('referenceLogProbabilities'),
    ...numbers('rewards'),
    ...numbers('values'),
  };
}

/** Collects the tokens that stand in text and observation events. */
class TrackBuilder {
  readonly runs: TokenRun[] = [];
  private readonly texts: string[] = [];
  private readonly actionMask: boolean[] = [];
  private readonly logProbabilities: number[] = [];
  private hasLogProbabilities = false;
  private lastSource = '';

  /** @param source which side of which turn: pieces of the same one are one run */
  add(source: string, event: JsonRecord): void {
    const tokens = asTexts(event['tokens']);
    if (tokens === undefined || tokens.length === 0) return;
    const kind = event['event'] === 'text' ? 'model' : 'observation';
    const start = this.texts.length;
    const given = event['logProbabilities'];
    const usable = Array.isArray(given) && given.length === tokens.length ? (given as unknown[]) : undefined;
    this.hasLogProbabilities ||= usable !== undefined;
    tokens.forEach((token, index) => {
      const value = usable?.[index];
      this.texts.push(token);
      this.actionMask.push(kind === 'model');
      this.logProbabilities.push(typeof value === 'number' ? value : NaN);
    });
    const previous = source === this.lastSource ? this.runs.pop() : undefined;
    this.runs.push({ kind, span: { start: previous?.span.start ?? start, end: this.texts.length } });
    this.lastSource = source;
  }

  track(): TokenTrack | undefined {
    if (this.texts.length === 0) return undefined;
    const { texts, actionMask, logProbabilities, hasLogProbabilities } = this;
    return { texts, actionMask, ...(hasLogProbabilities && { logProbabilities }) };
  }
}
