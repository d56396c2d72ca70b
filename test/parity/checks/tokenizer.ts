import { StreamText } from '../../../src/inference/onnx/text/streamText';
import { Tokenizer } from '../../../src/inference/onnx/text/tokenizer';
import { differing } from '../compare';
import type { GoldenFolder } from '../goldenFolder';
import { EXACT, type Kind, type Report } from '../report';

/** tokenize.json, by the tokenizer of every checkpoint folder; what is decoded at once is also decoded as a stream. */
export async function checkTokenizer(golden: GoldenFolder, report: Report): Promise<void> {
  const file = golden.json('tokenize.json');
  const tokenizers = await Promise.all(
    golden.checkpoints.map((name) => Tokenizer.open(golden.checkpoint(name))),
  );
  /** The most of all tokenizers; Infinity without any. */
  const worst = (differences: (tokenizer: Tokenizer) => number): number =>
    tokenizers.length === 0 ? Infinity : Math.max(...tokenizers.map(differences));
  const kind = (name: string, cases: number): Kind => {
    const made = report.kind(`tokenizer, ${name}`, EXACT);
    made.expect(cases);
    return made;
  };
  const cases = file.entries('cases');
  const ids = kind('ids', cases.length);
  const decoded = kind('decoded', cases.length);
  const skipped = kind('decoded without special tokens', cases.length);
  for (const item of cases) {
    const wanted = item.numbers('ids');
    await ids.check(item.place, () => {
      const text = item.text('text');
      return worst((tokenizer) => differing(tokenizer.encode(text), wanted));
    });
    await decoded.check(item.place, () => {
      const text = item.text('decoded');
      return worst((tokenizer) => wrongText(tokenizer, wanted, text, false));
    });
    await skipped.check(item.place, () => {
      const text = item.text('decoded_skip_special');
      return worst((tokenizer) => wrongText(tokenizer, wanted, text, true));
    });
  }
  for (const [key, name] of [
    ['partial', 'parts of characters'],
    ['beyond', 'ids beyond the vocabulary'],
  ] as const) {
    const items = file.entries(key);
    const kept = kind(name, items.length);
    for (const item of items) {
      await kept.check(item.place, () => {
        const wanted = item.numbers('ids');
        const text = item.text('decoded');
        return worst((tokenizer) => wrongText(tokenizer, wanted, text, false));
      });
    }
  }
}

function wrongText(
  tokenizer: Tokenizer,
  ids: readonly number[],
  text: string,
  skipSpecialTokens: boolean,
): number {
  const stream = new StreamText(tokenizer, { skipSpecialTokens });
  const streamed = ids.map((id) => stream.push(id)).join('') + stream.flush();
  return Number(tokenizer.decode(ids, { skipSpecialTokens }) !== text) + Number(streamed !== text);
}
