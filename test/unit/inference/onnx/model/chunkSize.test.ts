import assert from 'node:assert/strict';
import { fixedChunk, measuredChunk } from '../../../../../src/inference/onnx/model/chunkSize';

describe('fixedChunk', () => {
  it('is the same whatever is measured, smaller for large models, and never above the most', () => {
    const chunk = fixedChunk(494e6, 512);
    chunk.measured(256, 1e6);
    assert.equal(chunk.size, 256);
    assert.equal(fixedChunk(7.6e9, 512).size, 64);
    assert.equal(fixedChunk(494e6, 16).size, 16);
    assert.equal(fixedChunk(7.6e9, 16).size, 16);
  });
});

describe('measuredChunk', () => {
  it('comes to the size that keeps a run at 200 ms, in steps of 16', () => {
    const chunk = measuredChunk(512);
    assert.equal(chunk.size, 64);
    for (let time = 0; time < 10; time++) chunk.measured(chunk.size, chunk.size * 2);
    assert.equal(chunk.size, 96);
    for (let time = 0; time < 10; time++) chunk.measured(chunk.size, chunk.size * 0.1);
    assert.equal(chunk.size, 512);
  });

  it('at most doubles, shrinks at once, and stays at 16 or more', () => {
    const chunk = measuredChunk(512);
    chunk.measured(64, 1);
    assert.equal(chunk.size, 128);
    chunk.measured(128, 60_000);
    assert.equal(chunk.size, 16);
    chunk.measured(16, 60_000);
    assert.equal(chunk.size, 16);
  });

  it('learns nothing from short runs, nor from clocks that stand still', () => {
    const chunk = measuredChunk(512);
    chunk.measured(1, 5000);
    assert.equal(chunk.size, 64);
    chunk.measured(64, 0);
    assert.equal(chunk.size, 128);
  });

  it('never takes more than the provider computes rightly', () => {
    const chunk = measuredChunk(16);
    assert.equal(chunk.size, 16);
    for (let time = 0; time < 5; time++) chunk.measured(16, 1);
    assert.equal(chunk.size, 16);
  });
});
