import path from 'node:path';
import ts from 'typescript';
import type { SourceText } from './sources';
import { locate, parse, walk } from './sources';

const MAX_ACTIVATION_LINES = 80;

/** `any` written as a type, outside src/host. */
export function checkNoAny(files: readonly SourceText[]): string[] {
  const problems: string[] = [];
  for (const file of files.filter((source) => !source.path.startsWith('src/host/'))) {
    walk(parse(file), (node) => {
      if (node.kind === ts.SyntaxKind.AnyKeyword) problems.push(`${locate(node)} uses the type any`);
    });
  }
  return problems;
}

/** Default exports, and files that export on what other files declare. */
export function checkExports(files: readonly SourceText[]): string[] {
  const problems: string[] = [];
  for (const file of files) {
    for (const statement of parse(file).statements) {
      const modifiers = ts.canHaveModifiers(statement) ? (ts.getModifiers(statement) ?? []) : [];
      const isDefault = modifiers.some((modifier) => modifier.kind === ts.SyntaxKind.DefaultKeyword);
      if (isDefault || ts.isExportAssignment(statement))
        problems.push(`${locate(statement)} has a default export`);
      if (ts.isExportDeclaration(statement) && statement.moduleSpecifier !== undefined) {
        problems.push(`${locate(statement)} exports another file's names on`);
      }
    }
  }
  return problems;
}

/** File names that are not camelCase, and interfaces named with an `I` in front. */
export function checkNames(files: readonly SourceText[]): string[] {
  const problems: string[] = [];
  for (const file of files) {
    const name = path.posix.basename(file.path).replace(/(\.d)?\.\w+$/, '');
    if (!/^[a-z][a-zA-Z0-9]*$/.test(name)) problems.push(`${file.path}: a file name is camelCase`);
    walk(parse(file), (node) => {
      if (ts.isInterfaceDeclaration(node) && /^I[A-Z][a-z]/.test(node.name.text)) {
        problems.push(`${locate(node)} ${node.name.text}: no I in front of an interface`);
      }
    });
  }
  return problems;
}

/** Files of src/protocol that leave anything behind at run time. */
export function checkProtocolIsTypes(files: readonly SourceText[]): string[] {
  const kinds = [
    ts.SyntaxKind.InterfaceDeclaration,
    ts.SyntaxKind.TypeAliasDeclaration,
    ts.SyntaxKind.ImportDeclaration,
  ];
  return files
    .filter((file) => file.path.startsWith('src/protocol/'))
    .flatMap((file) => parse(file).statements.filter((statement) => !kinds.includes(statement.kind)))
    .map((statement) => `${locate(statement)} is more than a type`);
}

/** The activation file: short, and waiting for nothing. */
export function checkActivation(source: SourceText): string[] {
  const problems: string[] = [];
  const lines = source.text.trimEnd().split('\n').length;
  if (lines > MAX_ACTIVATION_LINES)
    problems.push(`${source.path} has ${lines} lines, at most ${MAX_ACTIVATION_LINES}`);
  walk(parse(source), (node) => {
    const waits =
      ts.isAwaitExpression(node) || (ts.isForOfStatement(node) && node.awaitModifier !== undefined);
    if (waits) problems.push(`${locate(node)} awaits`);
  });
  return problems;
}

/** The part of an esbuild metafile that the check reads. */
export interface BundleMetafile {
  readonly inputs: Readonly<Record<string, unknown>>;
}

/** React's packages in a bundle (the toolkit names React as a peer; its plain components need none). */
export function checkNoReact(name: string, bundle: BundleMetafile): string[] {
  return Object.keys(bundle.inputs)
    .filter((input) =>
      /node_modules\/(react|react-dom|scheduler|@microsoft\/fast-react-wrapper)\//.test(input),
    )
    .map((input) => `${name} holds ${input}`);
}
