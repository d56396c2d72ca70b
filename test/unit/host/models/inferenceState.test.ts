import assert from 'node:assert/strict';
import { TokenRate } from '../../../../src/common/tokenRate';
import type { InferenceState } from '../../../../src/host/models/inferenceState';
import { statusText } from '../../../../src/host/models/inferenceState';

describe('the status bar', () => {
  const model = 'Qwen2.5-VL-3B';
  const device = 'CPU, 8 threads';
  const cases: [state: InferenceState, text: string | undefined, tooltip: RegExp][] = [
    [{ status: 'none' }, undefined, /^$/],
    [{ status: 'loading', model, message: 'Reading' }, `$(loading~spin) ${model}`, /Reading\. Click to stop/],
    [
      { status: 'loading', model, message: 'Reading', fraction: 0.999 },
      `$(loading~spin) ${model} 99%`,
      /99%/,
    ],
    [{ status: 'ready', model, device }, `$(chip) ${model} · CPU`, /CPU, 8 threads.*unload/],
    [
      { status: 'ready', model, device: 'WebGPU: NVIDIA RTX 4090' },
      `$(chip) ${model} · WebGPU`,
      /NVIDIA RTX 4090/,
    ],
    [{ status: 'generating', model, device }, `$(pulse) ${model} · CPU`, /stop/],
    [
      { status: 'generating', model, device, tokensPerSecond: 3.14 },
      `$(pulse) ${model} · CPU · 3.1 tok/s`,
      /stop/,
    ],
    [
      { status: 'generating', model, device, tokensPerSecond: 61.5 },
      `$(pulse) ${model} · CPU · 62 tok/s`,
      /stop/,
    ],
    [{ status: 'failed', model, reason: 'It crashed.' }, `$(warning) ${model}`, /^It crashed\.$/],
  ];
  for (const [state, text, tooltip] of cases) {
    it(`says "${text ?? 'nothing'}"`, () => {
      const shown = statusText(state);
      assert.equal(shown?.text, text);
      assert.match(shown?.tooltip ?? '', tooltip);
      assert.equal(shown?.warning ?? false, state.status === 'failed');
    });
  }
});

describe('the rate of tokens', () => {
  it('is that of the last three seconds', () => {
    const rate = new TokenRate();
    assert.equal(rate.perSecond, undefined);
    rate.add(0);
    assert.equal(rate.perSecond, undefined);
    for (let at = 100; at <= 1000; at += 100) rate.add(at);
    assert.equal(rate.perSecond, 10);
    for (let at = 1020; at <= 6000; at += 20) rate.add(at);
    assert.equal(rate.perSecond, 50);
    rate.reset();
    assert.equal(rate.perSecond, undefined);
  });
});
