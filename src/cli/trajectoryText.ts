import type { BoundingBox } from '../common/boundingBox';
import { boxToArray } from '../common/boundingBox';
import type { PlannedCall } from '../rollout/tools/planCalls';
import type { ImageReference } from '../trajectory/imageReference';
import type { Reward } from '../trajectory/reward';
import { optionsOf } from '../trajectory/promptText';
import type { ToolReport, ZoomReport } from '../trajectory/toolReport';
import type { Trajectory } from '../trajectory/trajectory';
import type { ModelPart, ObservationPart, ToolCallPart, Turn } from '../trajectory/turn';
import { wrap } from './text/layout';
import { safeLine, safeText } from './text/safeText';
import type { Style } from './text/style';

/** What a trajectory is printed with. */
export interface TextOptions {
  readonly style: Style;
  /** Cells to wrap at; undefined for no wrapping. */
  readonly width: number | undefined;
  /** What the tools did, where the image's size is known. */
  readonly planned: readonly PlannedCall[];
  /** Sentences about the image: its size, or why there is none. */
  readonly imageNotes: readonly string[];
}

const INDENT = '  ';

const pixels = ({ width, height }: { width: number; height: number }): string => `${width} x ${height}`;

const boxText = (box: BoundingBox): string => `[${boxToArray(box).join(', ')}]`;

/** Lines of one printed trajectory, made safe for a terminal and wrapped. */
class Printer {
  readonly lines: string[] = [];
  private lastWords: string | undefined;

  constructor(private readonly options: TextOptions) {}

  blank(): void {
    if (this.lines.at(-1) !== '') this.lines.push('');
  }

  /** A line of our own words, which may be painted. */
  heading(text: string): void {
    this.lines.push(text);
  }

  /** Text of the file, indented below a heading. */
  block(text: string, paint: (text: string) => string = (line) => line): void {
    const { width } = this.options;
    const lines = wrap(safeText(text).trim(), width === undefined ? undefined : width - INDENT.length);
    for (const line of lines) this.lines.push(line === '' ? '' : INDENT + paint(line));
  }

  /** The same for the words of an observation: DeepEyes repeats its instructions with every crop. */
  words(text: string, paint: (text: string) => string): void {
    if (text.trim() === '') return;
    this.block(text === this.lastWords ? '(the same words as above)' : text, paint);
    this.lastWords = text;
  }

  /** A name and what the file says for it. */
  field(name: string, text: string, paint: (text: string) => string = (line) => line): void {
    const { style, width } = this.options;
    const label = `${name.padEnd(13)} `;
    const room = width === undefined ? undefined : width - label.length;
    wrap(safeText(text).trim(), room).forEach((line, i) => {
      this.lines.push((i === 0 ? style.dim(label) : ' '.repeat(label.length)) + paint(line));
    });
  }
}

function imageText(image: ImageReference): string {
  const name =
    image.kind === 'file'
      ? image.path
      : image.kind === 'inline'
        ? `inside the file, ${image.mediaType}`
        : 'not in the file';
  const size = image.size ? `, ${pixels(image.size)}` : '';
  const tokens = image.visualTokens === undefined ? '' : `, ${image.visualTokens} visual tokens`;
  return `${name}${size}${tokens}`;
}

function zoomText(report: ZoomReport): string {
  if (report.rejected !== undefined) return `refused: ${report.rejection ?? report.rejected}`;
  const steps: string[] = [];
  if (report.cut) {
    const how = report.grown ? ', grown' : report.clamped ? ', clamped to the image' : '';
    steps.push(`cut ${boxText(report.cut)}${how}`);
  }
  if (report.cropSize) steps.push(`crop ${pixels(report.cropSize)}`);
  if (report.resizedSize) steps.push(`seen as ${pixels(report.resizedSize)}`);
  if (report.visualTokens !== undefined) steps.push(`${report.visualTokens} visual tokens`);
  return steps.join(', ');
}

function reportText(report: ToolReport): string {
  if (report.tool === 'zoom') return zoomText(report);
  return `turned by ${report.angle} degrees${report.visualTokens === undefined ? '' : `, ${report.visualTokens} visual tokens`}`;
}

function callText({ call }: ToolCallPart, frame: Trajectory['frame']): string {
  if (call.status === 'unparsable') return `unreadable call: ${safeLine(call.error)}`;
  const box = call.box ? ` ${boxText(call.box)}` : '';
  const unit = call.box && frame !== 'original' ? ` (${frame})` : '';
  const label = call.label === undefined ? '' : ` "${safeLine(call.label)}"`;
  const angle = call.angle === undefined ? '' : ` ${call.angle} degrees`;
  return `${safeLine(call.name)}${box}${unit}${label}${angle}`;
}

function printCall(
  printer: Printer,
  part: ToolCallPart,
  plan: PlannedCall | undefined,
  trajectory: Trajectory,
  style: Style,
): void {
  const ignored = part.acted ? '' : style.yellow(' (not acted on)');
  const torn = part.closed ? '' : style.dim(' (closing tag missing)');
  printer.heading(`${style.cyan('tool call')}${ignored}${torn}`);
  printer.block(callText(part, trajectory.frame));
  if (part.call.status === 'unparsable') printer.block(part.call.text, style.red);
  if (plan && part.acted)
    printer.block(reportText(plan.report), plan.report.rejected === undefined ? style.dim : style.red);
}

function printPart(printer: Printer, part: Exclude<ModelPart, ToolCallPart>, style: Style): void {
  if (part.text.trim() === '') return;
  const names = { text: 'text', thought: 'thought', answer: 'answer' };
  const torn = part.closed ? '' : style.dim(' (closing tag missing)');
  printer.heading(`${part.kind === 'answer' ? style.bold('answer') : style.blue(names[part.kind])}${torn}`);
  printer.block(part.text);
}

function printObservation(printer: Printer, observation: ObservationPart, style: Style): void {
  printer.heading(style.cyan('observation'));
  for (const image of observation.images) printer.block(`image: ${imageText(image)}`);
  if (observation.error !== undefined) printer.block(observation.error, style.red);
  else printer.words(observation.text, style.dim);
}

function printTurn(
  printer: Printer,
  turn: Turn,
  index: number,
  trajectory: Trajectory,
  options: TextOptions,
): void {
  const { style, planned } = options;
  printer.blank();
  const note =
    turn.recovered === true ? style.yellow('  (not in the message list; found in the prediction)') : '';
  printer.heading(style.bold(`Turn ${index + 1}`) + note);
  turn.parts.forEach((part, position) => {
    if (part.kind !== 'toolCall') printPart(printer, part, style);
    else {
      const plan = planned.find((entry) => entry.turn === index && entry.part === position);
      printCall(printer, part, plan, trajectory, style);
    }
  });
  if (turn.observation) printObservation(printer, turn.observation, style);
}

/** Six digits: trainers write 32-bit floats, whose 0.8 reads 0.800000011920929. */
const short = (value: number): string => String(Number(value.toPrecision(6)));

/** Whether the parts are all that the total is made of. */
function isWholeSum({ total, parts }: Reward): boolean {
  let sum = 0;
  for (const { value, weight } of parts) sum += value * (weight ?? NaN);
  return total !== undefined && parts.length > 0 && Math.abs(sum - total) < 1e-4;
}

/** `2 = 0.8 x accuracy 1 + 0.2 x format 0 + 1.2 x tool 1 (recovered), formula deepeyes`. */
function rewardText(reward: Reward): string {
  const { total, parts, formula, candidates } = reward;
  const origins = new Set(parts.map(({ provenance }) => provenance));
  const terms = parts.map(({ name, value, weight, provenance }) => {
    const term = `${name} ${short(value)}${origins.size > 1 ? ` (${provenance})` : ''}`;
    return weight === undefined ? term : `${weight} x ${term}`;
  });
  const isSum = isWholeSum(reward);
  const origin = origins.size === 1 ? ` (${[...origins].join('')})` : '';
  const sum = terms.length === 0 ? '' : `${isSum ? ' = ' : '; '}${terms.join(isSum ? ' + ' : ', ')}${origin}`;
  const name = formula === undefined ? '' : `, formula ${formula}`;
  const doubt = candidates ? `; its parts are unknown: ${candidates.join(' and ')} explain it equally` : '';
  return `${total === undefined ? 'not recorded' : short(total)}${sum}${name}${doubt}`;
}

function printEnd(printer: Printer, trajectory: Trajectory, style: Style): void {
  const { prediction, groundTruth, verdict, reward, outcome } = trajectory;
  printer.blank();
  if (prediction !== undefined) printer.field('prediction', prediction);
  if (groundTruth !== undefined) printer.field('ground truth', groundTruth);
  if (verdict) {
    const paint = verdict.correct ? style.green : style.red;
    printer.field('verdict', `${verdict.correct ? 'right' : 'wrong'} (${verdict.provenance})`, paint);
  } else printer.field('verdict', 'not judged');
  if (reward) printer.field('reward', rewardText(reward));
  const reason = outcome.reason === undefined ? '' : `: ${outcome.reason}`;
  printer.field(
    'outcome',
    `${outcome.status}${reason}`,
    outcome.status === 'finished' ? undefined : style.yellow,
  );
}

/** One trajectory as text for people, with a line end at its end. */
export function trajectoryText(trajectory: Trajectory, look: TextOptions): string {
  const { style } = look;
  const { origin, prompt, step, split, group, id } = trajectory;
  const printer = new Printer(look);
  printer.heading(
    style.bold(`Rollout ${origin.index}`) +
      style.dim(`  ${safeLine(origin.file)}, bytes ${origin.bytes.start} to ${origin.bytes.end}`),
  );
  if (id !== undefined) printer.field('id', id);
  if (split !== undefined) printer.field('split', split);
  if (step !== undefined) printer.field('step', String(step));
  if (group) printer.field('group', `${group.key} (${group.provenance})`);
  for (const image of prompt.images) printer.field('image', imageText(image));
  for (const note of look.imageNotes) printer.field('', note, style.dim);
  printer.field('question', prompt.question, style.bold);
  const options = optionsOf(prompt.user);
  if (options !== undefined) printer.field('options', options);
  trajectory.turns.forEach((turn, index) => printTurn(printer, turn, index, trajectory, look));
  printEnd(printer, trajectory, style);
  return `${printer.lines.join('\n')}\n`;
}
