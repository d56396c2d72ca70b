import type { TokenRate } from '../../common/tokenRate';
import { oneLine, withoutIcons } from '../foreignText';

/** What there is of a local model in this window. */
export type InferenceState =
  | { readonly status: 'none' }
  | {
      readonly status: 'loading';
      readonly model: string;
      /** Of the present stage, 0 to 1; absent where it can't be told. */
      readonly fraction?: number;
      /** What is being done, in a few words. */
      readonly message: string;
    }
  | { readonly status: 'ready'; readonly model: string; readonly device: string }
  | {
      readonly status: 'generating';
      readonly model: string;
      readonly device: string;
      /** Of the last seconds; absent at the beginning. */
      readonly tokensPerSecond?: number;
    }
  | { readonly status: 'failed'; readonly model: string; readonly reason: string };

/** What a model that is ready does, going by how many generate and how fast; a pause begins the measure anew. */
export function activityState(
  model: string,
  device: string,
  generations: number,
  rate: TokenRate,
): Extract<InferenceState, { status: 'ready' | 'generating' }> {
  if (generations === 0) {
    rate.reset();
    return { status: 'ready', model, device };
  }
  const { perSecond } = rate;
  return {
    status: 'generating',
    model,
    device,
    ...(perSecond === undefined ? {} : { tokensPerSecond: perSecond }),
  };
}

/** What the status bar says: its icons are written as VS Code does, `$(name)`. */
export interface StatusText {
  readonly text: string;
  readonly tooltip: string;
  readonly warning: boolean;
}

/** The status bar's words for a state; undefined when there is nothing to show. */
export function statusText(state: InferenceState): StatusText | undefined {
  if (state.status === 'none') return undefined;
  const model = oneLine(state.model, 60);
  const label = withoutIcons(model);
  switch (state.status) {
    case 'loading': {
      const percent = state.fraction === undefined ? '' : ` ${Math.floor(state.fraction * 100)}%`;
      return {
        text: `$(loading~spin) ${label}${percent}`,
        tooltip: `Loading ${model}: ${state.message}${percent}. Click to stop.`,
        warning: false,
      };
    }
    case 'ready':
      return {
        text: `$(chip) ${label} · ${withoutIcons(shortDevice(state.device))}`,
        tooltip: `${model} is loaded (${state.device}). Click to unload.`,
        warning: false,
      };
    case 'generating': {
      const rate = state.tokensPerSecond === undefined ? '' : ` · ${inFigures(state.tokensPerSecond)} tok/s`;
      return {
        text: `$(pulse) ${label} · ${withoutIcons(shortDevice(state.device))}${rate}`,
        tooltip: `${model} is generating (${state.device}). Click to stop.`,
        warning: false,
      };
    }
    case 'failed':
      return { text: `$(warning) ${label}`, tooltip: state.reason, warning: true };
  }
}

/** "WebGPU: NVIDIA RTX 4090" and "CPU, 8 threads" without what follows the first word. */
function shortDevice(device: string): string {
  return device.split(/[:,]/, 1)[0] ?? device;
}

/** A rate as people read it: with a decimal below ten. */
export function inFigures(rate: number): string {
  return rate < 10 ? rate.toFixed(1) : rate.toFixed(0);
}
