import ts from 'typescript';
import type { SourceText } from './sources';
import { parse } from './sources';

/** The parts of package.json's `contributes` that code must know. Everything else is left unread. */
export interface Contributes {
  readonly commands?: readonly { readonly command: string }[];
  readonly configuration?: Configuration | readonly Configuration[];
  readonly customEditors?: readonly { readonly viewType: string }[];
  readonly views?: Readonly<Record<string, readonly { readonly id: string }[]>>;
  readonly viewsContainers?: Readonly<Record<string, readonly { readonly id: string }[]>>;
  readonly walkthroughs?: readonly { readonly id: string }[];
  readonly menus?: Readonly<Record<string, readonly { readonly command?: string }[]>>;
  readonly keybindings?: readonly { readonly command: string }[];
}

interface Configuration {
  readonly properties?: Readonly<Record<string, unknown>>;
}

/** Which exported table of src/host/contributions.ts answers for which part of the manifest. */
export const TABLES: Readonly<Record<string, (contributes: Contributes) => string[]>> = {
  COMMANDS: (c) => (c.commands ?? []).map((entry) => entry.command),
  SETTINGS: (c) =>
    [c.configuration ?? []].flat().flatMap((section: Configuration) => Object.keys(section.properties ?? {})),
  CUSTOM_EDITORS: (c) => (c.customEditors ?? []).map((entry) => entry.viewType),
  VIEWS: (c) => Object.values(c.views ?? {}).flatMap((views) => views.map((view) => view.id)),
  VIEW_CONTAINERS: (c) =>
    Object.values(c.viewsContainers ?? {}).flatMap((all) => all.map((entry) => entry.id)),
  WALKTHROUGHS: (c) => (c.walkthroughs ?? []).map((entry) => entry.id),
};

function stringValues(node: ts.Expression): string[] {
  if (ts.isAsExpression(node) || ts.isSatisfiesExpression(node)) return stringValues(node.expression);
  if (ts.isStringLiteralLike(node)) return [node.text];
  if (!ts.isObjectLiteralExpression(node)) return [];
  return node.properties.flatMap((property) =>
    ts.isPropertyAssignment(property) ? stringValues(property.initializer) : [],
  );
}

/** The string values of each exported const object of a file, by the name of the const. */
export function readIdTables(source: SourceText): Map<string, string[]> {
  const tables = new Map<string, string[]>();
  for (const statement of parse(source).statements) {
    const exported = ts.canHaveModifiers(statement)
      ? ts.getModifiers(statement)?.some((modifier) => modifier.kind === ts.SyntaxKind.ExportKeyword)
      : false;
    if (!ts.isVariableStatement(statement) || exported !== true) continue;
    for (const { name, initializer } of statement.declarationList.declarations) {
      if (ts.isIdentifier(name) && initializer !== undefined)
        tables.set(name.text, stringValues(initializer));
    }
  }
  return tables;
}

/** Ids that only the manifest has, ids that only the code has, and ids written twice. */
export function checkManifestAgrees(
  contributes: Contributes,
  tables: ReadonlyMap<string, readonly string[]>,
): string[] {
  return Object.entries(TABLES).flatMap(([table, read]) => {
    const manifest = read(contributes);
    const code = tables.get(table) ?? [];
    const twice = [...manifest, ...code].filter((id) => occurs(manifest, id) > 1 || occurs(code, id) > 1);
    return [
      ...manifest.filter((id) => !code.includes(id)).map((id) => `${id} is in package.json, not in ${table}`),
      ...code.filter((id) => !manifest.includes(id)).map((id) => `${id} is in ${table}, not in package.json`),
      ...new Set(twice.map((id) => `${id} is written twice (${table})`)),
    ];
  });
}

const occurs = (ids: readonly string[], wanted: string): number => ids.filter((id) => id === wanted).length;

/** Menu entries and key bindings that name a command of ours which `commands` does not declare. */
export function checkMenusAndKeys(contributes: Contributes): string[] {
  const declared = new Set((contributes.commands ?? []).map((entry) => entry.command));
  const menus = Object.entries(contributes.menus ?? {}).flatMap(([menu, items]) =>
    items.map((item) => ({ where: `menu ${menu}`, command: item.command })),
  );
  const keys = (contributes.keybindings ?? []).map((entry) => ({
    where: 'key binding',
    command: entry.command,
  }));
  return [...menus, ...keys]
    .filter(({ command }) => command?.startsWith('imcot.') === true && !declared.has(command))
    .map(({ where, command }) => `${where} names the undeclared command ${command ?? ''}`);
}

/** `%key%` placeholders of the manifest without a string, and strings that no placeholder uses. */
export function checkStrings(manifest: string, strings: Readonly<Record<string, unknown>>): string[] {
  const used = new Set([...manifest.matchAll(/"%([\w.-]+)%"/g)].map((match) => match[1] ?? ''));
  return [
    ...[...used].filter((key) => !(key in strings)).map((key) => `package.nls.json lacks ${key}`),
    ...Object.keys(strings)
      .filter((key) => !used.has(key))
      .map((key) => `package.nls.json has the unused ${key}`),
  ];
}
