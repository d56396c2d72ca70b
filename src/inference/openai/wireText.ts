import type { CallPiece, Chunk } from './readChunk';

const THINK = '<think>';
const END_OF_THOUGHT = '</think>';

/**
 * Puts what a server took apart back into the text that the model wrote: thoughts into `<think>`, calls into
 * `<tool_call>`, so that whoever reads a turn knows one form. A call's JSON is written anew from its name and arguments;
 * the blanks that the model chose are not known any more.
 */
export class WireText {
  private thinking = false;
  private readonly calls = new Map<number, { name: string; arguments: string }>();

  /** The text that this chunk adds. Calls wait until text follows them or the stream ends, since they come in pieces. */
  push(chunk: Chunk): string {
    let text = '';
    if (chunk.thought !== '') {
      text += this.flush();
      if (!this.thinking) text += THINK;
      this.thinking = true;
      text += chunk.thought;
    }
    if (chunk.text !== '') text += this.endThought() + this.flush() + chunk.text;
    if (chunk.calls.length > 0) text += this.endThought();
    for (const piece of chunk.calls) this.addCall(piece);
    return text;
  }

  /** The text of the calls that are complete by now. */
  flush(): string {
    const text = [...this.calls.values()].map(callText).join('');
    this.calls.clear();
    return text;
  }

  private endThought(): string {
    if (!this.thinking) return '';
    this.thinking = false;
    return END_OF_THOUGHT;
  }

  private addCall(piece: CallPiece): void {
    const call = this.calls.get(piece.index) ?? { name: '', arguments: '' };
    call.name += piece.name;
    call.arguments += piece.arguments;
    this.calls.set(piece.index, call);
  }
}

/** Arguments that are no JSON stay as they are, so that the loop sees the model's fault and not ours. */
function callText(call: { readonly name: string; readonly arguments: string }): string {
  const given = call.arguments.trim() === '' ? '{}' : call.arguments;
  return `<tool_call>\n{"name": ${JSON.stringify(call.name)}, "arguments": ${given}}\n</tool_call>`;
}
