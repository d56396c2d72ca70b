import { builtinModules } from 'node:module';
import ts from 'typescript';
import type { ImportEdge } from './importGraph';
import type { SourceText } from './sources';
import { locate, parse, walk } from './sources';

/** What the files of one folder of src may reach. */
export interface Layer {
  /** Folders or files of src; `:type` at the end allows type-only imports alone. */
  readonly may: readonly string[];
  /** Node's modules and globals: everywhere, nowhere, or in files whose path in src starts with one of these. */
  readonly node: boolean | readonly string[];
}

const PURE = ['common', 'trajectory', 'metrics'];
const ENGINES = [...PURE, 'analysis', 'readers', 'files', 'imaging', 'inference', 'rollout'];
const ALL_BUT_VIEWS = [...ENGINES, 'debug', 'launch', 'dynamics', 'rows', 'compare'];

/** The import table: a folder not named here may not exist in src. */
export const LAYERS: Readonly<Record<string, Layer>> = {
  common: { may: [], node: false },
  trajectory: { may: ['common'], node: false },
  metrics: { may: ['common'], node: false },
  analysis: { may: PURE, node: false },
  readers: { may: [...PURE, 'analysis/rewardFormula:type', 'analysis/recoverReward'], node: false },
  files: { may: [...PURE, 'readers'], node: true },
  imaging: { may: ['common', 'trajectory'], node: true },
  inference: { may: ['common', 'trajectory', 'imaging'], node: ['inference/onnx/'] },
  rollout: {
    may: ['common', 'trajectory', 'analysis', 'imaging:type', 'inference/backend:type'],
    node: ['rollout/recorder'],
  },
  debug: { may: ['common', 'trajectory', 'analysis', 'rollout'], node: ['debug/adapter.ts'] },
  launch: { may: ENGINES, node: true },
  dynamics: { may: [...PURE, 'analysis', 'readers', 'files', 'protocol:type'], node: true },
  rows: { may: [...PURE, 'analysis', 'readers', 'files', 'rollout', 'protocol:type'], node: true },
  compare: { may: [...PURE, 'analysis', 'readers', 'files', 'rows', 'protocol:type'], node: true },
  cli: { may: ALL_BUT_VIEWS, node: true },
  protocol: { may: ['common:type', 'trajectory:type', 'metrics:type', 'analysis:type'], node: false },
  webview: { may: [...PURE, 'analysis', 'protocol'], node: false },
  host: { may: [...ALL_BUT_VIEWS, 'protocol'], node: true },
  'extension.ts': { may: ['host'], node: false },
};

/** Packages that src may import, each with the paths in src that may. No other package may be imported. */
export const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  vscode: ['host/', 'extension.ts'],
  sharp: ['imaging/'],
  'onnxruntime-node': ['inference/onnx/'],
  koffi: ['inference/onnx/runtime/'],
  '@huggingface/tokenizers': ['inference/onnx/text/'],
  '@huggingface/jinja': ['inference/onnx/text/'],
  openai: ['inference/openai/'],
  '@sqlite.org/sqlite-wasm': ['files/sqlite.ts', 'files/sqliteVfs.ts'],
  hyparquet: ['files/parquet/'],
  yauzl: ['files/zip/'],
  fzstd: ['files/zip/'],
  'hyparquet-compressors': ['files/parquet/'],
  jsep: ['analysis/expression/parseExpression.ts'],
  re2js: ['analysis/expression/'],
  '@vscode/webview-ui-toolkit': ['webview/shared/controls.ts'],
  'chart.js': ['webview/dynamics/charts/'],
  'markdown-it': ['webview/trajectory/markdown'],
  katex: ['webview/trajectory/formula.ts'],
};

const NODE_GLOBALS = new Set([
  'process',
  'Buffer',
  '__dirname',
  '__filename',
  'require',
  'setImmediate',
  'global',
]);

const inSrc = (file: string): string => file.replace(/^src\//, '');
const layerName = (file: string): string => inSrc(file).split('/')[0] ?? '';

function nodeAllowed(layers: Readonly<Record<string, Layer>>, file: string): boolean {
  const rule = layers[layerName(file)]?.node ?? false;
  return typeof rule === 'boolean' ? rule : rule.some((prefix) => inSrc(file).startsWith(prefix));
}

function checkRelative(edge: ImportEdge, target: string, layer: Layer): string | undefined {
  if (!target.startsWith('src/')) return `${edge.where} leaves src: ${edge.specifier}`;
  if (layerName(target) === layerName(edge.from)) return undefined;
  const fits = (entry: string): boolean => inSrc(target) === entry || inSrc(target).startsWith(`${entry}/`);
  const withoutEnding = (entry: string): boolean => inSrc(target) === `${entry}.ts`;
  const matches = layer.may.filter((entry) => {
    const name = entry.replace(/:type$/, '');
    return fits(name) || withoutEnding(name);
  });
  if (matches.length === 0) return `${edge.where} ${layerName(edge.from)} may not import ${inSrc(target)}`;
  if (!edge.typeOnly && matches.every((entry) => entry.endsWith(':type'))) {
    return `${edge.where} ${layerName(edge.from)} may import only types of ${inSrc(target)}`;
  }
  return undefined;
}

function checkPackage(edge: ImportEdge, layers: Readonly<Record<string, Layer>>): string | undefined {
  const { specifier } = edge;
  if (specifier.startsWith('node:') || builtinModules.includes(specifier)) {
    return nodeAllowed(layers, edge.from) ? undefined : `${edge.where} may not use ${specifier}`;
  }
  const name = Object.keys(PACKAGES).find(
    (known) => specifier === known || specifier.startsWith(`${known}/`),
  );
  const allowed = name === undefined ? [] : (PACKAGES[name] ?? []);
  if (allowed.some((prefix) => inSrc(edge.from).startsWith(prefix))) return undefined;
  return `${edge.where} may not import the package ${specifier}`;
}

/** Imports that the table does not allow. */
export function checkLayers(edges: readonly ImportEdge[], layers = LAYERS): string[] {
  return edges.flatMap((edge) => {
    const layer = layers[layerName(edge.from)];
    if (layer === undefined) return [`${edge.from}: the folder is not in the import table`];
    const problem =
      edge.target === undefined ? checkPackage(edge, layers) : checkRelative(edge, edge.target, layer);
    return problem === undefined ? [] : [problem];
  });
}

function isReference(node: ts.Identifier): boolean {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent)) return parent.expression === node;
  if (ts.isQualifiedName(parent)) return parent.left === node;
  if (ts.isPropertyAssignment(parent)) return parent.initializer === node;
  return !(
    ts.isPropertySignature(parent) ||
    ts.isPropertyDeclaration(parent) ||
    ts.isMethodDeclaration(parent) ||
    ts.isMethodSignature(parent) ||
    ts.isEnumMember(parent) ||
    ts.isBindingElement(parent)
  );
}

function declaresName(tree: ts.SourceFile, name: string): boolean {
  let found = false;
  walk(tree, (node) => {
    const declared =
      ts.isVariableDeclaration(node) ||
      ts.isFunctionDeclaration(node) ||
      ts.isParameter(node) ||
      ts.isBindingElement(node);
    if (declared && node.name !== undefined && ts.isIdentifier(node.name)) found ||= node.name.text === name;
  });
  return found;
}

/** Node's globals in files that may not use Node: the types do not stop them, since one project types all of src. */
export function checkNodeGlobals(files: readonly SourceText[], layers = LAYERS): string[] {
  const problems: string[] = [];
  for (const file of files.filter((source) => !nodeAllowed(layers, source.path))) {
    const tree = parse(file);
    walk(tree, (node) => {
      if (!ts.isIdentifier(node) || !NODE_GLOBALS.has(node.text) || !isReference(node)) return;
      if (!declaresName(tree, node.text)) problems.push(`${locate(node)} may not use Node's ${node.text}`);
    });
  }
  return problems;
}
