import type { PlannedCall } from '../rollout/tools/planCalls';
import { optionsOf } from '../trajectory/promptText';
import type { Trajectory } from '../trajectory/trajectory';
import type { ModelPart, ObservationPart, ToolCallPart, Turn } from '../trajectory/turn';
import type { PrinterOptions } from './text/printer';
import { Printer } from './text/printer';
import { safeLine } from './text/safeText';
import type { Style } from './text/style';
import { callText, imageText, reportText } from './toolText';
import { printVerdict } from './verdictText';

/** What a trajectory is printed with. */
export interface TextOptions extends PrinterOptions {
  /** What the tools did, where the image's size is known. */
  readonly planned: readonly PlannedCall[];
  /** Sentences about the image: its size, or why there is none. */
  readonly imageNotes: readonly string[];
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
  printer.block(callText(part.call, trajectory.frame));
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

function printEnd(printer: Printer, trajectory: Trajectory, style: Style): void {
  const { prediction, groundTruth, outcome } = trajectory;
  printer.blank();
  if (prediction !== undefined) printer.field('prediction', prediction);
  if (groundTruth !== undefined) printer.field('ground truth', groundTruth);
  printVerdict(printer, trajectory);
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
  return printer.take();
}
