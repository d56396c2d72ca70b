import { errorMessage } from '../../src/common/errors';
import { openCheckpoint } from '../../src/inference/onnx/checkpoint/openCheckpoint';
import { checkCrops } from './checks/crops';
import { checkCropValues, checkImages } from './checks/images';
import { checkPositions } from './checks/positions';
import { checkSmartResize } from './checks/smartResize';
import { checkTemplate, messagesOf } from './checks/template';
import { checkTokenizer } from './checks/tokenizer';
import { checkVision } from './checks/vision';
import { checkWindows } from './checks/windows';
import { checkCropSize, type ConversationCase, MAIN_CHECKPOINT, readCases } from './conversations/cases';
import { checkConversation } from './conversations/checkConversations';
import { checkHiddenStates } from './conversations/checkHidden';
import { WAYS } from './conversations/ways';
import { GoldenFolder } from './goldenFolder';
import { OpenedModel } from './openedModel';
import type { ParityOptions } from './options';
import { Pictures } from './pictures';
import { Report, within } from './report';

/** float32 on the processor differs from the reference by the order of additions alone. */
const ON_CPU = within(5e-4);
const ON_A_DEVICE = within(1e-3);

/** Compares everything in a folder of reference values with what this code computes. */
export async function verifyParity(options: ParityOptions): Promise<Report> {
  const report = new Report();
  const golden = new GoldenFolder(options.folder);
  const pictures = new Pictures(golden);
  /** A check that can't even begin fails the run. */
  const part = async (name: string, task: () => Promise<void>): Promise<void> => {
    try {
      await task();
    } catch (thrown) {
      report.faults.push(`${name}: ${errorMessage(thrown)}`);
    }
  };
  try {
    await part('smart_resize', () => checkSmartResize(golden, report));
    await part('tokenizer', () => checkTokenizer(golden, report));
    await part('chat template', () => checkTemplate(golden, report));
    await part('images', () => checkImages(golden, pictures, report));
    await part('crops', () => checkCrops(golden, pictures, report));
    await part('positions', async () => {
      const { config } = await openCheckpoint(golden.checkpoint(MAIN_CHECKPOINT));
      await part('m-rope', () => checkPositions(golden, config, report));
      await part('windows', () => checkWindows(golden, golden.json('vision/vision.json'), config, report));
      await part('crop of the conversation', () => checkCropValues(golden, pictures, config, report));
    });
    await part('size of the crop', () => checkCropSize(golden, pictures, report));
    await part('conversations', () => checkModels(golden, pictures, options, report));
    report.faults.push(...golden.leftOver().map((name) => `${name} was not used by any check`));
  } finally {
    pictures.dispose();
  }
  return report;
}

/** Every checkpoint's conversations, and the vision tower of the main one. */
async function checkModels(
  golden: GoldenFolder,
  pictures: Pictures,
  options: ParityOptions,
  report: Report,
): Promise<void> {
  const all = await readCases(golden, pictures, report);
  const chosen = all.filter(({ name }) => options.cases?.includes(name) ?? true);
  sayLimits(options, all, chosen, report);
  const missing = options.cases?.filter((name) => !all.some((one) => one.name === name)) ?? [];
  report.faults.push(...missing.map((name) => `there is no conversation "${name}"`));
  const folders = new Set([MAIN_CHECKPOINT, ...chosen.map(({ checkpoint }) => checkpoint)]);
  for (const folder of folders) {
    const opened = await OpenedModel.open(golden.checkpoint(folder), options.provider);
    try {
      report.remarks.push(opened.device);
      if (folder === MAIN_CHECKPOINT) await checkVision(golden, pictures, opened, report);
      const own = chosen.filter(({ checkpoint }) => checkpoint === folder);
      await checkOne(golden, opened, own, options, report);
      const fault = opened.fault(options.provider);
      if (fault !== undefined) report.faults.push(`${folder}: ${fault}`);
    } finally {
      opened.dispose();
    }
  }
}

async function checkOne(
  golden: GoldenFolder,
  opened: OpenedModel,
  cases: readonly ConversationCase[],
  options: ParityOptions,
  report: Report,
): Promise<void> {
  const logits = opened.core.engine.decoder.session.provider === 'cpu' ? ON_CPU : ON_A_DEVICE;
  const messages = messagesOf(golden.json('generate/conversation.json'));
  await checkHiddenStates(opened, cases, logits, report);
  for (const source of cases) {
    await checkConversation(
      opened,
      source,
      messages,
      { steps: options.steps, ways: options.ways, logits },
      report,
    );
  }
}

function sayLimits(
  options: ParityOptions,
  all: readonly ConversationCase[],
  chosen: readonly ConversationCase[],
  report: Report,
): void {
  const left = all.filter((one) => !chosen.includes(one)).map(({ name }) => name);
  if (left.length > 0) report.remarks.push(`limited: the conversations ${left.join(', ')} were not run`);
  const ways = Object.keys(WAYS).filter((name) => !options.ways.includes(name));
  if (ways.length > 0) report.remarks.push(`limited: not run ${ways.join(', ')}`);
  if (Number.isFinite(options.steps)) report.remarks.push(`limited: at most ${options.steps} greedy steps`);
}
