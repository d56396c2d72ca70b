import { closeSync, mkdirSync, openSync, readSync, writeSync } from 'node:fs';
import path from 'node:path';
import type { Checkpoint } from '../../src/inference/onnx/checkpoint/checkpoint';
import { EMBEDDING } from '../../src/inference/onnx/checkpoint/neededTensors';
import { readTensor } from '../../src/inference/onnx/checkpoint/readTensor';
import type { ExternalData, GraphBuilder, Value } from '../../src/inference/onnx/graph/builder';
import type { QuantisedTensor } from '../../src/inference/onnx/quantise/layout';
import type { QuantisedWeights } from '../../src/inference/onnx/quantise/quantisedWeights';
import { ElementType } from '../../src/inference/onnx/runtime/elementType';

/** Weights as the peer's graph takes them. */
export interface PeerWeights {
  /** y = x W^T + b for modules that read the same x, their outputs side by side. */
  linear(graph: GraphBuilder, x: Value, modules: readonly string[]): Promise<Value>;
  vector(graph: GraphBuilder, name: string): Promise<Value>;
  /** float32 [vocabulary, hidden]. */
  embedding(graph: GraphBuilder): Promise<Value>;
  close(): void;
}

/** A file of weights that grows at its end. */
class DataFile {
  private readonly handle: number;
  private end = 0;

  constructor(readonly file: string) {
    mkdirSync(path.dirname(file), { recursive: true });
    this.handle = openSync(file, 'w');
  }

  append(...parts: readonly (Float32Array | Uint8Array)[]): ExternalData {
    const offset = this.end;
    for (const part of parts) this.write(new Uint8Array(part.buffer, part.byteOffset, part.byteLength));
    return { location: path.basename(this.file), offset, length: this.end - offset };
  }

  private write(bytes: Uint8Array): void {
    // One call writes 2 GiB at the most.
    for (let done = 0; done < bytes.length;) {
      done += writeSync(this.handle, bytes, done, Math.min(bytes.length - done, 2 ** 26));
    }
    this.end += bytes.length;
  }

  close(): void {
    closeSync(this.handle);
  }
}

abstract class PeerWeightsBase implements PeerWeights {
  constructor(
    protected readonly checkpoint: Checkpoint,
    protected readonly data: DataFile,
  ) {}

  abstract linear(graph: GraphBuilder, x: Value, modules: readonly string[]): Promise<Value>;

  protected numbers(name: string): Promise<Float32Array> {
    const tensor = this.checkpoint.tensors.get(name);
    if (!tensor) throw new Error(`${name} is not in the checkpoint`);
    return readTensor(tensor);
  }

  async vector(graph: GraphBuilder, name: string): Promise<Value> {
    const numbers = await this.numbers(name);
    return graph.tensor(name, numbers, [numbers.length]);
  }

  async embedding(graph: GraphBuilder): Promise<Value> {
    const { vocabularySize, hiddenSize } = this.checkpoint.config.text;
    const at = this.data.append(await this.numbers(EMBEDDING));
    return graph.external('embed_tokens', ElementType.float32, [vocabularySize, hiddenSize], at);
  }

  close(): void {
    this.data.close();
  }
}

/** float32, each matrix as [inputs, outputs], as exporters write it. */
export class FullPeerWeights extends PeerWeightsBase {
  static into(folder: string, checkpoint: Checkpoint): FullPeerWeights {
    return new FullPeerWeights(checkpoint, new DataFile(path.join(folder, 'onnx/model.onnx_data')));
  }

  async linear(graph: GraphBuilder, x: Value, modules: readonly string[]): Promise<Value> {
    const parts = modules.map((module) => {
      const [outputs = 0, inputs = 0] = this.checkpoint.tensors.get(`${module}.weight`)?.shape ?? [];
      return { module, outputs, inputs };
    });
    const width = parts.reduce((sum, { outputs }) => sum + outputs, 0);
    const inputs = parts[0]?.inputs ?? 0;
    const matrix = new Float32Array(inputs * width);
    const biases: Float32Array[] = [];
    let column = 0;
    for (const { module, outputs } of parts) {
      transposeInto(matrix, await this.numbers(`${module}.weight`), inputs, outputs, width, column);
      if (this.checkpoint.tensors.has(`${module}.bias`)) biases.push(await this.numbers(`${module}.bias`));
      column += outputs;
    }
    const name = modules.join('+');
    const weight = graph.external(name, ElementType.float32, [inputs, width], this.data.append(matrix));
    const product = graph.op('MatMul', [x, weight]);
    if (biases.length === 0) return product;
    return graph.op('Add', [product, graph.tensor(`${name}.bias`, joined(biases), [width])]);
  }
}

function joined(parts: readonly Float32Array[]): Float32Array {
  return Float32Array.from(parts.flatMap((values) => Array.from(values)));
}

/** [outputs, inputs] into columns `column` and on of [inputs, width], in tiles that stay in the processor's cache. */
function transposeInto(
  target: Float32Array,
  source: Float32Array,
  inputs: number,
  outputs: number,
  width: number,
  column: number,
): void {
  const tile = 64;
  for (let row = 0; row < outputs; row += tile) {
    for (let k = 0; k < inputs; k++) {
      const last = Math.min(outputs, row + tile);
      for (let n = row; n < last; n++) target[k * width + column + n] = source[n * inputs + k] ?? 0;
    }
  }
}

/** The very blocks that our own model is quantised to; rows of queries, keys and values one below the other. */
export class QuantisedPeerWeights extends PeerWeightsBase {
  private readonly file: number;

  private constructor(
    checkpoint: Checkpoint,
    data: DataFile,
    private readonly quantised: QuantisedWeights,
  ) {
    super(checkpoint, data);
    this.file = openSync(path.join(quantised.folder, quantised.file), 'r');
  }

  static into(folder: string, checkpoint: Checkpoint, quantised: QuantisedWeights): QuantisedPeerWeights {
    const data = new DataFile(path.join(folder, 'onnx/model_q4.onnx_data'));
    return new QuantisedPeerWeights(checkpoint, data, quantised);
  }

  async linear(graph: GraphBuilder, x: Value, modules: readonly string[]): Promise<Value> {
    const parts = modules.map((module) => this.matrix(module));
    const [{ bits, k, blockSize } = this.matrix('')] = parts;
    const rows = parts.reduce((sum, { n }) => sum + n, 0);
    const blocks = Math.ceil(k / blockSize);
    const name = modules.join('+');
    const packed = this.data.append(...parts.map((part) => this.read(part.packed)));
    const scales = this.data.append(...parts.map((part) => this.read(part.scales)));
    const shape = [rows, blocks, (blockSize * bits) / 8];
    const [product] = graph.contrib(
      'MatMulNBits',
      [
        x,
        graph.external(`${name}.packed`, ElementType.uint8, shape, packed),
        graph.external(`${name}.scales`, ElementType.float32, [rows * blocks], scales),
      ],
      { K: k, N: rows, bits, block_size: blockSize, accuracy_level: 4 },
    );
    if (product === undefined) throw new Error('unreachable');
    const biased = modules.filter((module) => this.checkpoint.tensors.has(`${module}.bias`));
    if (biased.length === 0) return product;
    const bias = joined(await Promise.all(biased.map((module) => this.numbers(`${module}.bias`))));
    return graph.op('Add', [product, graph.tensor(`${name}.bias`, bias, [rows])]);
  }

  private matrix(module: string): QuantisedTensor {
    const tensor = this.quantised.tensors.get(`${module}.weight`);
    if (!tensor) throw new Error(`${module}.weight was not quantised`);
    return tensor;
  }

  private read({ offset, length }: { readonly offset: number; readonly length: number }): Uint8Array {
    const bytes = new Uint8Array(length);
    readSync(this.file, bytes, 0, length, offset);
    return bytes;
  }

  override close(): void {
    closeSync(this.file);
    super.close();
  }
}
