import { ImcotError } from '../common/errors';
import type { CoordinateFrame } from '../common/boundingBox';
import type { ResizeLimits } from '../common/smartResize';
import type { Backend, Message, MessagePart, ModelImage } from '../inference/backend';
import type { Picture, PictureCutter } from './picture';
import type { AskedQuestion, RolloutProtocol } from './protocols/protocol';
import type { TrajectoryStart } from './recorder';
import type { AreaLimits, RolloutLimits, RolloutSettings } from './rolloutSettings';
import { withDeclaredTools } from './tools/toolRegistry';

/** What is asked, and what the log keeps about it. */
export interface RolloutTask
  extends AskedQuestion, Pick<TrajectoryStart, 'id' | 'groundTruth' | 'boxes' | 'group' | 'step' | 'split'> {
  /** In the order in which the model sees them; tools of DeepEyes work on the first. May be empty. */
  readonly pictures: readonly Picture[];
}

/** With what a rollout is made. */
export interface RolloutRun {
  readonly backend: Backend;
  readonly cutter: PictureCutter;
  readonly protocol: RolloutProtocol;
  readonly settings: RolloutSettings;
  /** Stops the rollout wherever it is; what happened until then stands. */
  readonly signal?: AbortSignal;
}

/** A rollout with everything decided that can be decided before it begins. */
export interface RolloutPlan {
  readonly task: RolloutTask;
  readonly start: TrajectoryStart;
  /** The prompt. */
  readonly messages: readonly Message[];
  readonly limits: RolloutLimits;
  /** Tokens that the sequence may reach. */
  readonly totalTokens: number;
  readonly frame: CoordinateFrame;
  readonly cropLimits: ResizeLimits;
  readonly stopStrings: readonly string[];
}

/**
 * Puts a rollout's prompt, limits and log head together.
 * @throws ImcotError `usage` when a setting is not what it may be
 */
export function planRollout(task: RolloutTask, run: RolloutRun): RolloutPlan {
  const { protocol, settings, backend } = run;
  const limits = limitsOf(protocol, settings);
  const system = systemText(protocol, settings);
  const user = protocol.userText(task);
  const frame = settings.frame ?? protocol.frame;
  const stopStrings = settings.stopStrings ?? protocol.stopStrings;
  const { question, options: _options, pictures, ...told } = task;
  const start: TrajectoryStart = {
    ...told,
    prompt: {
      ...(system !== undefined && { system }),
      user,
      question,
      images: pictures.map(({ record }) => record),
    },
    model: backend.capabilities.model,
    settings: recordedSettings(run, limits, stopStrings),
    frame,
    zoomVariant: protocol.variant,
    semantics: protocol.semantics,
  };
  const parts: MessagePart[] = pictures.map((picture) => imagePart(picture, settings.view));
  return {
    task,
    start,
    messages: [
      ...(system === undefined ? [] : [textMessage('system', system)]),
      { role: 'user', parts: [...parts, { type: 'text', text: user }] },
    ],
    limits,
    totalTokens: Math.min(
      limits.maxPromptTokens + limits.maxResponseTokens,
      backend.capabilities.contextLength,
    ),
    frame,
    cropLimits: { ...protocol.cropLimits, ...settings.crop },
    stopStrings,
  };
}

/** A picture as a part of a message. */
export function imagePart({ pixels, key }: Picture, area: AreaLimits = {}): MessagePart {
  const image: ModelImage = { pixels, ...(key !== undefined && { key }), ...area };
  return { type: 'image', image };
}

/** A message of text alone. */
export function textMessage(role: Message['role'], text: string): Message {
  return { role, parts: [{ type: 'text', text }] };
}

function limitsOf(protocol: RolloutProtocol, settings: RolloutSettings): RolloutLimits {
  const limits: RolloutLimits = {
    maxTurns: settings.maxTurns ?? protocol.limits.maxTurns,
    maxTokensPerTurn: settings.maxTokensPerTurn ?? protocol.limits.maxTokensPerTurn,
    maxPromptTokens: settings.maxPromptTokens ?? protocol.limits.maxPromptTokens,
    maxResponseTokens: settings.maxResponseTokens ?? protocol.limits.maxResponseTokens,
    maxImages: settings.maxImages ?? protocol.limits.maxImages,
  };
  for (const [name, value] of Object.entries(limits) as [string, number][]) {
    if (value >= 1 && (Number.isInteger(value) || value === Infinity)) continue;
    throw new ImcotError('usage', `${name} is ${String(value)}; it must be a whole number from 1.`);
  }
  // A turn may not have more than all of them together.
  return { ...limits, maxTokensPerTurn: Math.min(limits.maxTokensPerTurn, limits.maxResponseTokens) };
}

function systemText(protocol: RolloutProtocol, settings: RolloutSettings): string | undefined {
  const { system } = protocol;
  if (!settings.declare || settings.declare.length === 0) return system;
  if (system === undefined || !protocol.acts) {
    throw new ImcotError('usage', `The protocol "${protocol.name}" has no system text to declare a tool in.`);
  }
  return withDeclaredTools(system, settings.declare);
}

function recordedSettings(
  { protocol, settings, backend }: RolloutRun,
  limits: RolloutLimits,
  stopStrings: readonly string[],
): Readonly<Record<string, unknown>> {
  const { view, crop, minBoxSideAbove, declare, sampling } = settings;
  return {
    protocol: protocol.name,
    device: backend.capabilities.device,
    ...sampling,
    // A limit that is none is left out: JSON has no infinity.
    ...Object.fromEntries(Object.entries(limits).filter(([, value]) => value !== Infinity)),
    ...(stopStrings.length > 0 && { stopStrings }),
    ...(view && { view }),
    ...(crop && { crop }),
    ...(minBoxSideAbove !== undefined && { minBoxSideAbove }),
    ...(declare && { declare }),
  };
}
