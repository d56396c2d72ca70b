import assert from 'node:assert/strict';
import { softwareGpu } from '../../../../../scripts/lib/softwareGpu.mjs';
import { QWEN_FOLDER } from '../../../../support/goldenQwen';
import { type ParityOutput, reportOf, runParity } from './support/runParity';

/** A step takes a third of a second on a GPU in software. */
const SHORT = ['--cases', 'text,text_image', '--ways', 'in one go', '--steps', '16', '--json'];

/** No GPU, or a build of the runtime without WebGPU; wrong results of a device are another matter. */
const NO_DEVICE = /WebGPU can't be used:.*(adapter|not supported|not enabled)/i;

describe('parity with transformers, on WebGPU', function () {
  // Nearly a minute of work, on processors that may have others to serve.
  this.timeout(600_000);
  let report: ParityOutput;
  before(async function () {
    // Whoever sets a driver wants that one; else the one in software is taken, which every run can have.
    const software = process.env['VK_ICD_FILENAMES'] === undefined ? await softwareGpu() : undefined;
    const run = await runParity([QWEN_FOLDER, '--provider', 'webgpu', ...SHORT], software);
    report = reportOf(run);
    const refused = report.faults.find((fault) => NO_DEVICE.test(fault));
    if (refused !== undefined && software === undefined) {
      process.stdout.write(`  skipped: no device for WebGPU (${refused})\n`);
      this.skip();
    }
    process.stdout.write(report.remarks.map((remark) => `  ${remark}\n`).join(''));
    assert.equal(run.code, Number(!report.passed));
  });

  const agrees = (name: string, count: number): void => {
    const kind = report.kinds.find((candidate) => candidate.kind === name);
    assert.ok(kind, 'was not compared');
    assert.deepEqual(kind.faults, []);
    assert.equal(kind.used, count);
  };

  it('logits at every stored place', () => agrees('in one go: logits', 18));
  it('the first 16 greedy steps', () => agrees('in one go: greedy tokens', 32));
  it('the first 16 greedy steps with a penalty', () => agrees('in one go: greedy tokens, with penalty', 32));
  it('log-probabilities', () => agrees('in one go: log-probabilities', 32 + 38 + 88));
  it('hidden states', () => agrees('hidden states', 2));
  it('visual tokens', () => agrees('vision, features', 4));
  it('all else, on the device that was asked for', () => {
    assert.deepEqual(report.faults, []);
    assert.equal(report.passed, true);
    assert.ok(report.remarks.some((remark) => /^checkpoint: WebGPU/.test(remark)));
  });
});
