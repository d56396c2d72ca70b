import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';

/** The folder that holds package.json. */
export const PROJECT_ROOT = path.resolve(__dirname, '../..');

/** One source file: its path from the project root with forward slashes (`src/common/lru.ts`), and its text. */
export interface SourceText {
  readonly path: string;
  readonly text: string;
}

/** Every file with one of the endings under a folder of the project, sorted by path. */
export function readSources(folder: string, endings: readonly string[] = ['.ts']): SourceText[] {
  const entries = readdirSync(path.join(PROJECT_ROOT, folder), { recursive: true, encoding: 'utf8' });
  return entries
    .map((entry) => `${folder}/${entry.split(path.sep).join('/')}`)
    .filter((file) => endings.some((ending) => file.endsWith(ending)))
    .sort()
    .map((file) => ({ path: file, text: readFileSync(path.join(PROJECT_ROOT, file), 'utf8') }));
}

const parsed = new WeakMap<SourceText, ts.SourceFile>();

/** The syntax tree of a file, with parents set; parsed once. */
export function parse(source: SourceText): ts.SourceFile {
  let tree = parsed.get(source);
  if (tree === undefined) {
    tree = ts.createSourceFile(source.path, source.text, ts.ScriptTarget.Latest, true);
    parsed.set(source, tree);
  }
  return tree;
}

/** Calls `visit` on every node of the tree, parents first. */
export function walk(node: ts.Node, visit: (node: ts.Node) => void): void {
  visit(node);
  ts.forEachChild(node, (child) => {
    walk(child, visit);
  });
}

/** `path:line` of a node, for a message. */
export function locate(node: ts.Node): string {
  const file = node.getSourceFile();
  return `${file.fileName}:${file.getLineAndCharacterOfPosition(node.getStart(file)).line + 1}`;
}
