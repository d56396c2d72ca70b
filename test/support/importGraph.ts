import path from 'node:path';
import ts from 'typescript';
import type { SourceText } from './sources';
import { locate, parse, walk } from './sources';

/** One import, export-from, `import()`, `require()` or import type. */
export interface ImportEdge {
  /** The file that imports. */
  readonly from: string;
  /** What it names, as written. */
  readonly specifier: string;
  /** The imported file from the project root; `undefined` for a package or a Node module. */
  readonly target: string | undefined;
  /** True when nothing of it is left at run time. */
  readonly typeOnly: boolean;
  /** `path:line`, for messages. */
  readonly where: string;
}

function typeOnlyClause(clause: ts.ImportClause | undefined): boolean {
  if (clause === undefined) return false; // import './side-effect'
  if (clause.phaseModifier === ts.SyntaxKind.TypeKeyword) return true;
  const named = clause.namedBindings;
  if (clause.name !== undefined || named === undefined || !ts.isNamedImports(named)) return false;
  return named.elements.length > 0 && named.elements.every((element) => element.isTypeOnly);
}

function specifierOf(node: ts.Node): { text: string; typeOnly: boolean } | undefined {
  if (ts.isImportDeclaration(node) && ts.isStringLiteral(node.moduleSpecifier)) {
    return { text: node.moduleSpecifier.text, typeOnly: typeOnlyClause(node.importClause) };
  }
  if (ts.isExportDeclaration(node) && node.moduleSpecifier && ts.isStringLiteral(node.moduleSpecifier)) {
    return { text: node.moduleSpecifier.text, typeOnly: node.isTypeOnly };
  }
  if (
    ts.isImportTypeNode(node) &&
    ts.isLiteralTypeNode(node.argument) &&
    ts.isStringLiteral(node.argument.literal)
  ) {
    return { text: node.argument.literal.text, typeOnly: true };
  }
  if (ts.isImportEqualsDeclaration(node) && ts.isExternalModuleReference(node.moduleReference)) {
    const name = node.moduleReference.expression;
    return ts.isStringLiteral(name) ? { text: name.text, typeOnly: node.isTypeOnly } : undefined;
  }
  if (ts.isCallExpression(node)) {
    const called = node.expression;
    const isImport = called.kind === ts.SyntaxKind.ImportKeyword;
    const isRequire = ts.isIdentifier(called) && called.text === 'require';
    const [name] = node.arguments;
    if ((isImport || isRequire) && name && ts.isStringLiteralLike(name))
      return { text: name.text, typeOnly: false };
  }
  return undefined;
}

function resolve(from: string, specifier: string, known: ReadonlySet<string>): string | undefined {
  if (!specifier.startsWith('.')) return undefined;
  const base = path.posix.join(path.posix.dirname(from), specifier);
  return [base, `${base}.ts`, `${base}/index.ts`].find((candidate) => known.has(candidate)) ?? base;
}

/** Every import of the given files, in file order. A relative import that meets no given file keeps its plain path. */
export function importGraph(files: readonly SourceText[]): ImportEdge[] {
  const known = new Set(files.map((file) => file.path));
  const edges: ImportEdge[] = [];
  for (const file of files) {
    walk(parse(file), (node) => {
      const found = specifierOf(node);
      if (found === undefined) return;
      const target = resolve(file.path, found.text, known);
      edges.push({
        from: file.path,
        specifier: found.text,
        target,
        typeOnly: found.typeOnly,
        where: locate(node),
      });
    });
  }
  return edges;
}

/** One message per import cycle that a depth-first walk meets, type-only imports included. */
export function findCycles(edges: readonly ImportEdge[]): string[] {
  const targets = new Map<string, string[]>();
  for (const { from, target } of edges) {
    if (target !== undefined) targets.set(from, [...(targets.get(from) ?? []), target]);
  }
  const done = new Set<string>();
  const found: string[] = [];
  const visit = (file: string, trail: readonly string[]): void => {
    const start = trail.indexOf(file);
    if (start >= 0) found.push(`import cycle: ${[...trail.slice(start), file].join(' -> ')}`);
    if (start >= 0 || done.has(file)) return;
    for (const next of targets.get(file) ?? []) visit(next, [...trail, file]);
    done.add(file);
  };
  for (const file of targets.keys()) visit(file, []);
  return found;
}
