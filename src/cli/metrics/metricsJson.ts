import type { KeyPoints, RunView } from './runView';

/** Characters of a piece of output. */
const PIECE = 1 << 16;

/** What JSON has no number for is a word. */
function numberJson(value: number): string {
  if (Number.isFinite(value)) return Object.is(value, -0) ? '-0' : String(value);
  return `"${value}"`;
}

const knownJson = (value: number): string => (Number.isNaN(value) ? 'null' : numberJson(value));

/** `{"runs": [...]}` piece by piece: a run of millions of points never stands in one text. */
export function* metricsJson(views: Iterable<RunView>): Generator<string> {
  let text = '{"runs": [';
  let separator = '\n';
  for (const view of views) {
    text += `${separator}${head(view)}\n  "series": {`;
    separator = ',\n';
    let comma = '\n';
    for (const points of view.keys) {
      text += `${comma}    ${JSON.stringify(points.key)}: [`;
      comma = ',\n';
      for (const piece of pointsJson(points)) {
        text += piece;
        if (text.length < PIECE) continue;
        yield text;
        text = '';
      }
      text += ']';
    }
    text += `${comma === '\n' ? '' : '\n  '}},\n${tail(view)}`;
    if (text.length >= PIECE) {
      yield text;
      text = '';
    }
  }
  yield `${text}${separator === '\n' ? '' : '\n'}]}\n`;
}

function* pointsJson({ count, step, value, wallTime }: KeyPoints): Generator<string> {
  for (let index = 0; index < count; index++) {
    const point = `[${knownJson(step(index))},${numberJson(value(index))},${knownJson(wallTime(index))}]`;
    yield index === 0 ? point : `,${point}`;
  }
}

function head({ run }: RunView): string {
  const { name, source, format } = run;
  return `{ "name": ${JSON.stringify(name)}, "source": ${JSON.stringify(source)}, "format": "${format}",`;
}

function tail({ run, concepts, breaks }: RunView): string {
  const keys = Object.fromEntries([...concepts].map(([concept, { key }]) => [concept, key]));
  const notes = [...concepts].flatMap(([concept, { rule }]) => (rule.note ? [[concept, rule.note]] : []));
  const states = run.parts.flatMap(({ state }) => state ?? []);
  const fields = {
    concepts: keys,
    conceptNotes: Object.fromEntries(notes) as Record<string, string>,
    breaks,
    state: states.at(-1) ?? null,
    badRecords: run.badPieces.length,
  };
  const lines = Object.entries(fields).map(([name, value]) => `  "${name}": ${JSON.stringify(value)}`);
  return `${lines.join(',\n')} }`;
}
