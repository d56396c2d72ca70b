import { elementTypeOf, type ElementType, type TensorData } from '../runtime/elementType';
import { MessageWriter } from './protobuf';

/** The name of a value in a graph, with a type of its own so that no other text passes for one. */
export type Value = string & { readonly brand: unique symbol };

/** A side of a tensor: a length, or a name where it varies from run to run. */
export type Side = number | string;

/** What an operator is told. Whole numbers are written as integers: give a fraction as `{ float }`. */
export type Attribute = number | readonly number[] | { readonly float: number };

/** Bytes outside the graph: relative to the data folder that the graph is opened with. */
export interface ExternalData {
  readonly location: string;
  readonly offset: number;
  readonly length: number;
}

/** Operators of ONNX Runtime that the standard does not have. */
const CONTRIB_DOMAIN = 'com.microsoft';
// GroupQueryAttention and its kin need no newer one; 17 is the last whose LayerNormalization and friends all providers know.
const OPSET = 17;
const IR_VERSION = 9;
const NONE = '' as Value;

/**
 * Builds an ONNX model, node by node, in an order that computes. Field numbers: onnx.proto3 (ModelProto, GraphProto,
 * NodeProto, TensorProto, AttributeProto, ValueInfoProto).
 */
export class GraphBuilder {
  private readonly graph: {
    nodes: MessageWriter[];
    initializers: MessageWriter[];
    inputs: MessageWriter[];
    outputs: MessageWriter[];
  } = { nodes: [], initializers: [], inputs: [], outputs: [] };
  private readonly constants = new Map<string, Value>();
  private count = 0;

  private fresh(hint: string): Value {
    return `${hint}.${String(this.count++)}` as Value;
  }

  /** Declares something that every run is given. */
  input(name: string, type: ElementType, shape: readonly Side[]): Value {
    this.graph.inputs.push(valueInfo(name, type, shape));
    return name as Value;
  }

  /** Declares a value as a result; `value` is renamed by an Identity unless it has the name already. */
  output(name: string, type: ElementType, shape: readonly Side[], value: Value): void {
    if (value !== name) this.node('Identity', [value], {}, '', [name as Value]);
    this.graph.outputs.push(valueInfo(name, type, shape));
  }

  /** A standard operator with one result. */
  op(
    type: string,
    inputs: readonly (Value | undefined)[],
    attributes: Record<string, Attribute> = {},
  ): Value {
    const out = this.fresh(type);
    this.node(type, inputs, attributes, '', [out]);
    return out;
  }

  /** A standard operator with `results` results. */
  ops(
    type: string,
    inputs: readonly Value[],
    results: number,
    attributes: Record<string, Attribute> = {},
  ): Value[] {
    const outs = Array.from({ length: results }, () => this.fresh(type));
    this.node(type, inputs, attributes, '', outs);
    return outs;
  }

  /** An operator of ONNX Runtime's own. `outputs` are names to give; a missing one is not computed. */
  contrib(
    type: string,
    inputs: readonly (Value | undefined)[],
    attributes: Record<string, Attribute> = {},
    outputs: readonly (string | undefined)[] = [this.fresh(type)],
  ): Value[] {
    const names = outputs.map((name) => (name ?? NONE) as Value);
    this.node(type, inputs, attributes, CONTRIB_DOMAIN, names);
    return names;
  }

  /** A new name for a result of `contrib`. */
  name(hint: string): string {
    return this.fresh(hint);
  }

  private node(
    type: string,
    inputs: readonly (Value | undefined)[],
    attributes: Record<string, Attribute>,
    domain: string,
    outputs: readonly Value[],
  ): void {
    const node = new MessageWriter();
    for (const input of inputs) node.text(1, input ?? NONE);
    for (const output of outputs) node.text(2, output);
    node.text(3, this.fresh(type)).text(4, type);
    for (const [key, value] of Object.entries(attributes)) node.message(5, attribute(key, value));
    if (domain !== '') node.text(7, domain);
    this.graph.nodes.push(node);
  }

  /** Numbers inside the graph: for small ones. */
  tensor(name: string, data: TensorData, shape: readonly number[]): Value {
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    this.graph.initializers.push(tensorHead(name, elementTypeOf(data), shape).bytes(9, bytes));
    return name as Value;
  }

  /** Numbers in a file beside the graph. */
  external(name: string, type: ElementType, shape: readonly number[], data: ExternalData): Value {
    const tensor = tensorHead(name, type, shape);
    const entries = { location: data.location, offset: String(data.offset), length: String(data.length) };
    for (const [key, value] of Object.entries(entries)) {
      tensor.message(13, new MessageWriter().text(1, key).text(2, value));
    }
    this.graph.initializers.push(tensor.integer(14, 1));
    return name as Value;
  }

  /** A list of 64-bit integers, as shapes and indices are given. */
  integers(...values: readonly number[]): Value {
    return this.constant(
      `i${values.join()}`,
      BigInt64Array.from(values, (value) => BigInt(value)),
      [values.length],
    );
  }

  /** One float32 number, without sides. */
  scalar(value: number): Value {
    return this.constant(`f${String(value)}`, Float32Array.of(value), []);
  }

  private constant(key: string, data: TensorData, shape: readonly number[]): Value {
    let value = this.constants.get(key);
    if (value === undefined) {
      value = this.tensor(this.fresh('constant'), data, shape);
      this.constants.set(key, value);
    }
    return value;
  }

  /** The serialised ModelProto. */
  finish(): Uint8Array {
    const graph = new MessageWriter();
    for (const node of this.graph.nodes) graph.message(1, node);
    graph.text(2, 'imcot');
    for (const initializer of this.graph.initializers) graph.message(5, initializer);
    for (const input of this.graph.inputs) graph.message(11, input);
    for (const output of this.graph.outputs) graph.message(12, output);
    const opset = (domain: string, version: number): MessageWriter =>
      new MessageWriter().text(1, domain).integer(2, version);
    return new MessageWriter()
      .integer(1, IR_VERSION)
      .text(2, 'imcot')
      .message(7, graph)
      .message(8, opset('', OPSET))
      .message(8, opset(CONTRIB_DOMAIN, 1))
      .finish();
  }
}

function tensorHead(name: string, type: ElementType, shape: readonly number[]): MessageWriter {
  const tensor = new MessageWriter();
  for (const side of shape) tensor.integer(1, side);
  return tensor.integer(2, type).text(8, name);
}

function attribute(name: string, value: Attribute): MessageWriter {
  const written = new MessageWriter().text(1, name);
  // AttributeProto.AttributeType: FLOAT 1, INT 2, INTS 7.
  if (typeof value === 'number') return written.integer(3, value).integer(20, 2);
  if ('float' in value) return written.float(2, value.float).integer(20, 1);
  for (const item of value) written.integer(8, item);
  return written.integer(20, 7);
}

function valueInfo(name: string, type: ElementType, shape: readonly Side[]): MessageWriter {
  const sides = new MessageWriter();
  for (const side of shape) {
    const dimension = new MessageWriter();
    sides.message(1, typeof side === 'number' ? dimension.integer(1, side) : dimension.text(2, side));
  }
  const tensorType = new MessageWriter().integer(1, type).message(2, sides);
  return new MessageWriter().text(1, name).message(2, new MessageWriter().message(1, tensorType));
}
