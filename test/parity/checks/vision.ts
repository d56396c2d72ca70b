import { prepareImage } from '../../../src/inference/onnx/processor/imageProcessor';
import { buildVision, VISION } from '../../../src/inference/onnx/graph/vision';
import { VisionTower } from '../../../src/inference/onnx/model/visionTower';
import { windowOrder } from '../../../src/inference/onnx/positions/windows';
import { differenceTo } from '../compare';
import type { GoldenFolder } from '../goldenFolder';
import type { OpenedModel } from '../openedModel';
import type { Pictures } from '../pictures';
import { type Report, type Tolerance, within } from '../report';
import type { Entry } from '../trackedJson';
import { patchValues } from './images';

const FILE = 'vision/vision.json';
const ON_CPU = within(5e-5);
/** What passes between blocks is a sum of size 15, ten times that of a feature, and has not been through a norm. */
const BLOCKS_ON_CPU = within(2e-4);
/** Kernels of devices add in other orders, some with shorter products. */
const ON_A_DEVICE = within(1e-3);

interface Probed {
  /** As the product computes them. */
  readonly features: Float32Array;
  /** What enters each block, and what leaves the last one; in window order. */
  readonly hidden: readonly Float32Array[];
  /** Visual tokens in window order. */
  readonly order: Int32Array;
  readonly patches: number;
}

/** vision.json: patch embedding, blocks and features of the pictures. */
export async function checkVision(
  golden: GoldenFolder,
  pictures: Pictures,
  opened: OpenedModel,
  report: Report,
): Promise<void> {
  const file = golden.json(FILE);
  const tower = await ProbedTower.open(opened);
  try {
    for (const item of file.entries('features')) await checkFeatures(golden, pictures, item, tower, report);
    await checkBlocks(golden, pictures, file.entry('blocks'), tower, report);
  } finally {
    tower.dispose();
  }
}

async function checkFeatures(
  golden: GoldenFolder,
  pictures: Pictures,
  item: Entry,
  tower: ProbedTower,
  report: Report,
): Promise<void> {
  const { hiddenSize, mergeSize, outHiddenSize } = tower.config.vision;
  const embedding = report.kind('vision, patch embedding', tower.tolerance);
  const features = report.kind('vision, features', tower.tolerance);
  const place = `${FILE} ${item.text('image')}`;
  embedding.expect(1);
  features.expect(1);
  const embedded = golden.array(item, 'patch_embed', FILE);
  const wanted = golden.array(item, 'features', FILE);
  await features.check(place, async () => {
    const found = await tower.run(golden, pictures, item.text('image'));
    const [time, rows = 0, columns = 0] = item.numbers('image_grid_thw');
    if (time !== 1 || rows * columns !== found.patches) throw new Error('the grid is another one');
    return differenceTo(wanted, found.features, [found.patches / mergeSize ** 2, outHiddenSize]);
  });
  await embedding.check(place, async () => {
    const { hidden, order, patches } = await tower.run(golden, pictures, item.text('image'));
    const first = hidden[0] ?? new Float32Array(0);
    const width = mergeSize ** 2 * hiddenSize;
    const found = new Float32Array(first.length);
    order.forEach((to, from) => found.set(first.subarray(from * width, (from + 1) * width), to * width));
    return differenceTo(embedded, found, [patches, hiddenSize]);
  });
}

async function checkBlocks(
  golden: GoldenFolder,
  pictures: Pictures,
  item: Entry,
  tower: ProbedTower,
  report: Report,
): Promise<void> {
  item.ignore('order');
  const states = item.entries('hidden_states').map((entry) => golden.described(entry, FILE));
  states.push(golden.array(item, 'last_hidden_state', FILE));
  const kind = report.kind('vision, blocks', tower.tolerance === ON_CPU ? BLOCKS_ON_CPU : tower.tolerance);
  kind.expect(states.length);
  const found = await tower.run(golden, pictures, item.text('image'));
  for (const [index, stored] of states.entries()) {
    await kind.check(stored.place, () => {
      if (states.length !== found.hidden.length)
        throw new Error(`the model has ${found.hidden.length - 1} blocks`);
      const shape = [found.patches, tower.config.vision.hiddenSize];
      return differenceTo(stored, found.hidden[index] ?? new Float32Array(0), shape);
    });
  }
}

/** The vision tower in a session of its own whose graph also gives what passes between its blocks. */
class ProbedTower {
  private readonly known = new Map<string, Probed>();

  private constructor(
    private readonly opened: OpenedModel,
    private readonly tower: VisionTower,
  ) {}

  static async open(opened: OpenedModel): Promise<ProbedTower> {
    const { vision } = opened.core.config;
    const { session } = opened.core.engine.vision;
    const { weights, dataFolder } = (await opened.weights()).vision;
    const graph = buildVision(vision, weights, { probe: true });
    const own = await session.runtime.open(graph, { provider: session.provider, threads: 0, dataFolder });
    return new ProbedTower(opened, new VisionTower(own, vision));
  }

  get tolerance(): Tolerance {
    return this.tower.session.provider === 'cpu' ? ON_CPU : ON_A_DEVICE;
  }

  get config() {
    return this.opened.core.config;
  }

  /** @param stem a picture's file name without its ending */
  async run(golden: GoldenFolder, pictures: Pictures, stem: string): Promise<Probed> {
    const known = this.known.get(stem);
    if (known) return known;
    const file = golden
      .json('images/images.json')
      .entries('images')
      .map((entry) => entry.text('file'))
      .find((name) => name.replace(/\.[^.]*$/, '') === stem);
    if (file === undefined) throw new Error(`images.json has no picture "${stem}"`);
    const { vision, imageProcessor } = this.config;
    const prepared = await prepareImage(await pictures.rgb(file), imageProcessor, vision);
    const patches = prepared.grid.rows * prepared.grid.columns;
    if (prepared.pixelValues.length !== patches * patchValues(this.config)) throw new Error('patches misfit');
    const hidden = await this.probing(patches, () => this.tower.features(prepared));
    const features = await this.opened.core.engine.vision.features(prepared);
    const { order } = windowOrder([prepared.grid], vision);
    const found = { features, hidden, order, patches };
    this.known.set(stem, found);
    return found;
  }

  /** Binds the probes beside whatever the tower binds, for one run. */
  private async probing(patches: number, run: () => Promise<unknown>): Promise<Float32Array[]> {
    const { session } = this.tower;
    const { depth, hiddenSize } = this.config.vision;
    const rows = Array.from({ length: depth + 1 }, () => new Float32Array(patches * hiddenSize));
    const tensors = rows.map((data) => session.runtime.tensor(data, [patches, hiddenSize]));
    const plain = session.bind.bind(session);
    session.bind = () => {
      const binding = plain();
      tensors.forEach((tensor, index) => binding.output(VISION.hidden(index), tensor));
      return binding;
    };
    try {
      await run();
      return rows;
    } finally {
      session.bind = plain;
      for (const tensor of tensors) tensor.dispose();
    }
  }

  dispose(): void {
    this.tower.dispose();
  }
}
