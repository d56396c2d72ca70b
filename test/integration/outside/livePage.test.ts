import assert from 'node:assert/strict';
import {
  appendFileSync,
  closeSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Frame } from 'playwright-core';
import { nodeCodecs } from '../../../src/files/codecs';
import { POLL_MS } from '../../../src/files/followFile';
import { Recorder } from '../../../src/rollout/recorder';
import { EventLogFile } from '../../../src/rollout/recorderFile';
import type { TestWorkbench } from '../../host/workbench';
import { startTestWorkbench } from '../../host/workbench';
import { PROJECT_ROOT } from '../../support/sources';

const REAL = path.join(PROJECT_ROOT, 'test/fixtures/deepeyes-vstar/result_direct_attributes_tmp_acc.jsonl');
const OPEN = 'iMCoT: Open as iMCoT Trajectories';
const GIGABYTE = 1_000_000_000;
/** Time in which a change must be on the page: one look at the file, and some for drawing on a busy machine. */
const SOON = POLL_MS + 5000;

/** Writes a real file's lines again and again until there is a gigabyte; gives the number of lines. */
function writeLargeLog(file: string): number {
  const block = `${readFileSync(REAL, 'utf8').trimEnd()}\n`.repeat(64);
  const bytes = new TextEncoder().encode(block);
  const lines = block.split('\n').length - 1;
  const descriptor = openSync(file, 'w');
  let rounds = 0;
  for (; rounds * bytes.length < GIGABYTE; rounds++) writeSync(descriptor, bytes);
  closeSync(descriptor);
  return rounds * lines;
}

const rows = (count: number): string => `[role=grid][aria-rowcount="${count}"]`;

describe('logs that are large or still written, on the page', function () {
  this.timeout(60_000);
  let folder: string;
  let workbench: TestWorkbench;
  const lines = readFileSync(REAL, 'utf8').trimEnd().split('\n');
  const inFolder = (name: string): string => path.join(folder, name);

  before(async function () {
    this.timeout(120_000);
    folder = mkdtempSync(path.join(tmpdir(), 'live-page-'));
    workbench = await startTestWorkbench({ folder });
  });
  after(async () => {
    await workbench?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  afterEach(async function () {
    if (this.currentTest?.state === 'failed') await workbench.screenshot('live-page-failed');
  });

  const openAsTrajectories = async (name: string, selector: string): Promise<Frame> => {
    await workbench.open(name);
    await workbench.page.locator('.tab.active', { hasText: name }).waitFor();
    await workbench.run(OPEN);
    return workbench.webview(selector);
  };

  it('shows the rows of one gigabyte', async function () {
    this.timeout(180_000);
    const records = writeLargeLog(inFolder('large.jsonl'));
    const start = Date.now();
    const frame = await openAsTrajectories('large.jsonl', '[role=grid] [role=row]');
    const first = Date.now() - start;
    await frame.locator(rows(records)).waitFor({ timeout: 60_000 });
    const all = Date.now() - start;
    await frame.locator('[role=row][aria-rowindex="1"]', { hasText: 'cap' }).waitFor();
    await frame.locator('[role=grid]').focus();
    await workbench.page.keyboard.press('j');
    await frame.locator('[role=row][aria-rowindex="2"][aria-selected=true]').waitFor();
    console.log(`      first row after ${first} ms, all ${records} after ${all} ms`);
    rmSync(inFolder('large.jsonl'));
    await workbench.run('View: Close All Editors');
  });

  it('take the place of the text editor', async () => {
    writeFileSync(inFolder('replaced.jsonl'), `${lines.slice(0, 4).join('\n')}\n`);
    await openAsTrajectories('replaced.jsonl', rows(4));
    assert.equal(await workbench.page.locator('.tab', { hasText: 'replaced.jsonl' }).count(), 1);
  });

  it('grow by a row, and start over when they are cut off, without anybody doing anything', async () => {
    const file = inFolder('growing.jsonl');
    writeFileSync(file, `${lines.slice(0, 5).join('\n')}\n`);
    const frame = await openAsTrajectories('growing.jsonl', rows(5));
    appendFileSync(file, `${lines[5]}\n`);
    await frame.locator(rows(6)).waitFor({ timeout: SOON });
    await frame.locator('[role=row][aria-rowindex="6"]').waitFor({ timeout: SOON });
    writeFileSync(file, `${lines.slice(7, 9).join('\n')}\n`);
    await frame.locator(rows(2)).waitFor({ timeout: SOON });
    const question = (JSON.parse(lines[7] ?? '') as { question: string }).question;
    await frame.locator('body', { hasText: question }).waitFor({ timeout: SOON });
  });

  it('show what came while another tab was in front of them', async () => {
    const file = inFolder('hidden.jsonl');
    writeFileSync(file, `${lines.slice(0, 3).join('\n')}\n`);
    const frame = await openAsTrajectories('hidden.jsonl', rows(3));
    await workbench.run('File: New Untitled Text File');
    while (!frame.isDetached()) await workbench.page.waitForTimeout(50);
    appendFileSync(file, `${lines.slice(3, 7).join('\n')}\n`);
    await workbench.page.waitForTimeout(POLL_MS + 500);
    await workbench.page.locator('.tab', { hasText: 'hidden.jsonl' }).click();
    const shown = await workbench.webview(rows(7));
    appendFileSync(file, `${lines[7]}\n`);
    await shown.locator(rows(8)).waitFor({ timeout: SOON });
  });

  it('show the text of a rollout as it is streamed', async () => {
    const log = await EventLogFile.create(inFolder('streamed.imcot.jsonl'));
    const recorder = new Recorder(log, { sha256: nodeCodecs.sha256 });
    await recorder.header();
    const rollout = recorder.start({ prompt: { user: 'Which animal?', question: 'Which animal?' } });
    await rollout.record({ event: 'text', turn: 0, text: '<think>It has stripes' });
    await workbench.open('streamed.imcot.jsonl');
    const frame = await workbench.webview(rows(1));
    await frame.locator('[role=tree]', { hasText: 'It has stripes' }).waitFor({ timeout: SOON });
    await rollout.record({ event: 'text', turn: 0, text: ' and a long neck.</think>' });
    await frame.locator('[role=tree]', { hasText: 'stripes and a long neck.' }).waitFor({ timeout: SOON });
    await rollout.record({ event: 'text', turn: 0, text: '<answer>okapi</answer>' });
    await rollout.record({ event: 'outcome', status: 'finished' });
    await log.close();
    await frame.locator('[role=tree]', { hasText: 'okapi' }).waitFor({ timeout: SOON });
  });

  it('open as soon as there is something in them', async () => {
    const file = inFolder('empty.imcot.jsonl');
    writeFileSync(file, '');
    await workbench.open('empty.imcot.jsonl');
    const frame = await workbench.webview('.message');
    await frame.locator('body', { hasText: 'is empty' }).waitFor();
    appendFileSync(file, '{"imcot":1}\n{"t":0,"event":"start","prompt":{"user":"Who?","question":"Who?"}}\n');
    await frame.locator(rows(1)).waitFor({ timeout: SOON });
  });
});
