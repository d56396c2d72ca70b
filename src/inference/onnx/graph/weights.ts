import path from 'node:path';
import { ImcotError } from '../../../common/errors';
import type { Checkpoint, StoredTensor } from '../checkpoint/checkpoint';
import { ElementType } from '../runtime/elementType';
import type { GraphBuilder, Value } from './builder';

/** Where a graph's numbers come from. Names are those of the released checkpoint, without `.weight` and `.bias`. */
export interface GraphWeights {
  /**
   * y = x W^T + b.
   * @param x [rows, inputs]
   * @param module for example `model.layers.0.mlp.up_proj`; its bias is added when it has one
   */
  linear(graph: GraphBuilder, x: Value, module: string, inputs: number, outputs: number): Value;
  /** A norm's weight, [length] in float32. */
  vector(graph: GraphBuilder, name: string, length: number): Value;
}

const ELEMENT_TYPES = {
  F32: ElementType.float32,
  F16: ElementType.float16,
  BF16: ElementType.bfloat16,
} as const;

/**
 * The deepest folder that holds all the files: ONNX Runtime takes external data only from inside one folder.
 * @throws ImcotError `input` when there is none, on different drives
 */
export function commonFolder(files: readonly string[]): string {
  const folders = files.map((file) => path.dirname(path.resolve(file)));
  const first = folders[0] ?? path.parse(process.cwd()).root;
  let common = first;
  for (const folder of folders) {
    while (!isInside(common, folder)) {
      const above = path.dirname(common);
      if (above === common) {
        throw new ImcotError(
          'input',
          `The checkpoint's files lie in ${first} and in ${folder}, which no folder holds both: bring them onto one drive.`,
        );
      }
      common = above;
    }
  }
  return common;
}

function isInside(outer: string, folder: string): boolean {
  const way = path.relative(outer, folder);
  return way !== '..' && !way.startsWith(`..${path.sep}`) && !path.isAbsolute(way);
}

function missing(name: string, what: string): ImcotError {
  return new ImcotError('internal', `The graph needs ${name}, which ${what}.`);
}

function vectorOf(
  vectors: ReadonlyMap<string, Float32Array>,
  graph: GraphBuilder,
  name: string,
  length: number,
): Value {
  const data = vectors.get(name);
  if (!data) throw missing(name, 'is not in the checkpoint');
  return graph.tensor(name, data, [length]);
}

/** Full precision: matrices stay in the checkpoint's own files and are widened to float32 when the graph is opened. */
export class CheckpointWeights implements GraphWeights {
  readonly dataFolder: string;

  /** @param vectors norms and biases in float32, by full name */
  constructor(
    private readonly checkpoint: Checkpoint,
    private readonly vectors: ReadonlyMap<string, Float32Array>,
  ) {
    this.dataFolder = commonFolder([...checkpoint.tensors.values()].map((tensor) => tensor.file));
  }

  private matrix(graph: GraphBuilder, tensor: StoredTensor, shape: readonly number[]): Value {
    const location = path.relative(this.dataFolder, tensor.file).split(path.sep).join('/');
    const stored = graph.external(tensor.name, ELEMENT_TYPES[tensor.type], shape, {
      location,
      offset: tensor.offset,
      length: tensor.byteLength,
    });
    return tensor.type === 'F32' ? stored : graph.op('Cast', [stored], { to: ElementType.float32 });
  }

  linear(graph: GraphBuilder, x: Value, module: string, inputs: number, outputs: number): Value {
    const tensor = this.checkpoint.tensors.get(`${module}.weight`);
    if (!tensor) throw missing(`${module}.weight`, 'is not in the checkpoint');
    const weight = this.matrix(graph, tensor, [outputs, inputs]);
    const bias = this.vectors.get(`${module}.bias`);
    const bound = bias && graph.tensor(`${module}.bias`, bias, [outputs]);
    return graph.op('Gemm', bound ? [x, weight, bound] : [x, weight], { transB: 1 });
  }

  vector(graph: GraphBuilder, name: string, length: number): Value {
    return vectorOf(this.vectors, graph, name, length);
  }
}

/** A matrix as MatMulNBits wants it: where its parts lie in the file of quantised weights. */
export interface QuantisedMatrix {
  readonly bits: 4 | 8;
  readonly blockSize: number;
  readonly packed: { readonly offset: number; readonly length: number };
  readonly scales: { readonly offset: number; readonly length: number };
}

/** Block-quantised matrices from one file beside the graph; norms and biases as in full precision. */
export class QuantisedGraphWeights implements GraphWeights {
  /** @param file name inside the data folder; @param matrices by `<module>.weight` */
  constructor(
    private readonly file: string,
    private readonly matrices: ReadonlyMap<string, QuantisedMatrix>,
    private readonly vectors: ReadonlyMap<string, Float32Array>,
  ) {}

  linear(graph: GraphBuilder, x: Value, module: string, inputs: number, outputs: number): Value {
    const matrix = this.matrices.get(`${module}.weight`);
    if (!matrix) throw missing(`${module}.weight`, 'was not quantised');
    const { bits, blockSize } = matrix;
    const blocks = Math.ceil(inputs / blockSize);
    const at = (part: { readonly offset: number; readonly length: number }) => ({
      location: this.file,
      ...part,
    });
    const packed = graph.external(
      `${module}.packed`,
      ElementType.uint8,
      [outputs, blocks, (blockSize * bits) / 8],
      at(matrix.packed),
    );
    const scales = graph.external(
      `${module}.scales`,
      ElementType.float32,
      [outputs * blocks],
      at(matrix.scales),
    );
    // accuracy_level 4: int8 activations where the provider has such a kernel; the others ignore it.
    const attributes = { K: inputs, N: outputs, bits, block_size: blockSize, accuracy_level: 4 };
    const [product] = graph.contrib('MatMulNBits', [x, packed, scales], attributes);
    const bias = this.vectors.get(`${module}.bias`);
    if (product === undefined) throw new Error('unreachable');
    return bias ? graph.op('Add', [product, graph.tensor(`${module}.bias`, bias, [outputs])]) : product;
  }

  vector(graph: GraphBuilder, name: string, length: number): Value {
    return vectorOf(this.vectors, graph, name, length);
  }
}
