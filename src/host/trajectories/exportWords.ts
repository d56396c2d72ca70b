import type { BoundingBox, Size } from '../../common/boundingBox';
import type { ImageView, ToolCallView, TrajectoryView } from '../../protocol/trajectoryView';

/** A picture of an export. */
export interface ExportPicture {
  readonly mediaType: string;
  readonly bytes: Uint8Array;
}

/** What an export is written from. */
export interface ExportInput {
  /** Base name of the log. */
  readonly log: string;
  readonly view: TrajectoryView;
  /** Pictures that could be had, by the ids of the view. */
  readonly pictures: ReadonlyMap<string, ExportPicture>;
}

const sizeWords = ({ width, height }: Size): string => `${width} × ${height}`;

const boxWords = (box: BoundingBox): string =>
  `[${[box.x1, box.y1, box.x2, box.y2].map((side) => String(Number(side.toFixed(3)))).join(', ')}]`;

/** What stands over a rollout: name and value. Values may hold words of the file. */
export function factsOf({ log, view }: ExportInput): (readonly [name: string, value: string])[] {
  const { outcome, verdict, reward, groundTruth, prediction } = view;
  const why = outcome.reason === undefined ? '' : `: ${outcome.reason}`;
  const parts = reward?.parts.map(({ name, value }) => `${name} ${value}`).join(', ') ?? '';
  const facts: (readonly [string, string | undefined])[] = [
    ['log', `${log}, record ${view.index}`],
    ['step', view.step?.toString()],
    ['split', view.split],
    ['judged answer', prediction],
    ['ground truth', groundTruth],
    ['verdict', verdict && (verdict.correct ? 'right' : 'wrong')],
    [
      'reward',
      reward?.total === undefined ? undefined : `${reward.total}${parts === '' ? '' : ` (${parts})`}`,
    ],
    ['outcome', `${outcome.status}${why}`],
    ['coordinates', view.frame],
  ];
  return facts.flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const]));
}

/** A call in a line: name, box, angle, label. */
export function callWords(call: ToolCallView): string {
  if (call.status === 'unparsable') return `not a call: ${call.error ?? 'it could not be parsed'}`;
  const label = call.label === undefined ? '' : ` "${call.label}"`;
  const angle = call.angle === undefined ? '' : ` ${call.angle}°`;
  return `${call.name ?? 'no name'}${call.box ? ` ${boxWords(call.box)}` : ''}${angle}${label}`;
}

/** What became of a call, line by line. */
export function callRemarks({ report, acted, iou }: ToolCallView): string[] {
  const remarks: string[] = [];
  if (report?.rejected !== undefined) remarks.push(`refused: ${report.rejection ?? report.rejected}`);
  if (report?.tool === 'zoom' && report.cut && (report.clamped || report.grown))
    remarks.push(`${report.clamped ? 'clamped' : 'grown'} to ${boxWords(report.cut)}`);
  if (!acted) remarks.push('not acted on by the environment');
  if (iou !== undefined) remarks.push(`IoU with the ground truth ${iou.toFixed(2)}`);
  return remarks;
}

/** A picture in a line: its pixels, and what the policy saw of it. */
export function pictureWords(image: ImageView): string {
  const { label, size, cutSize, resizedSize, visualTokens, message } = image;
  const facts = [
    image.kind === 'original' ? label : undefined,
    size && `${sizeWords(cutSize ?? size)} px`,
    resizedSize && `seen as ${sizeWords(resizedSize)}`,
    visualTokens === undefined ? undefined : `${visualTokens} visual tokens`,
    message,
  ];
  return facts.filter((fact) => fact !== undefined).join(' · ');
}

/** `41 tokens`, and for an observation that they are outside the loss. */
export function tokenWords(tokens: number | undefined, isObserved: boolean): string | undefined {
  if (tokens === undefined) return undefined;
  return `${tokens} ${tokens === 1 ? 'token' : 'tokens'}${isObserved ? ', outside the loss' : ''}`;
}

const ENDINGS: Readonly<Record<string, string>> = {
  'image/png': 'png',
  'image/jpeg': 'jpg',
  'image/webp': 'webp',
  'image/gif': 'gif',
  'image/bmp': 'bmp',
};

/** Whether a picture is of a kind that an export may hold: one that nothing runs in. */
export function isPlainPicture({ mediaType }: ExportPicture): boolean {
  return ENDINGS[mediaType] !== undefined;
}

/** File name of a picture, made of its id alone, in which is no word of any file: `observation-0-1.png`. */
export function pictureFileName(id: string, { mediaType }: ExportPicture): string {
  return `${id.replace(/[^a-z0-9]+/gi, '-')}.${ENDINGS[mediaType] ?? 'bin'}`;
}

/** Name of an export without its ending: that of the log and the record's index, in letters that all systems take. */
export function exportName(log: string, index: number): string {
  const base = log.replace(/(?:\.imcot)?\.[a-z0-9]{1,8}$/i, '').replace(/[^\p{L}\p{N}._-]+/gu, '-');
  const safe = base.replace(/^[.-]+|-+$/g, '').slice(0, 80);
  return `${safe === '' ? 'rollout' : safe}-${index}`;
}
