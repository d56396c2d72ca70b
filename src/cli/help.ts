import { COMMON_OPTIONS, type OptionSpec, type VerbSpec } from './arguments';

function rows(entries: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(...entries.map(([name]) => name.length));
  return entries.map(([name, text]) => `  ${name.padEnd(width)}  ${text}`);
}

const optionRow = ([name, option]: readonly [string, OptionSpec]): readonly [string, string] => [
  option.type === 'string' ? `--${name} ${option.value ?? 'VALUE'}` : `--${name}`,
  option.description,
];

/** What `imcot --help` prints. */
export function generalHelp(verbs: readonly VerbSpec[]): string {
  return [
    'imcot: make and read rollouts of models that think with images.',
    '',
    'Usage: imcot <verb> [options] <path...>',
    '',
    'Verbs:',
    ...rows(verbs.map((verb) => [verb.name, verb.summary])),
    '',
    'Options:',
    ...rows([...Object.entries(COMMON_OPTIONS).map(optionRow), ['--version', 'print the version']]),
    '',
    'Paths are files or folders; folders are searched. Only run writes anything (its log), and only where it is',
    'given --server or --judge is anything sent, to that address.',
    'Exit code: 0 done, 1 the input had errors (what could be read is printed), 2 wrong usage.',
    'More: imcot <verb> --help',
    '',
  ].join('\n');
}

/** What `imcot <verb> --help` prints. */
export function verbHelp(spec: VerbSpec): string {
  return [
    `imcot ${spec.name}: ${spec.summary}`,
    '',
    `Usage: imcot ${spec.name} ${spec.usage}`,
    '',
    ...spec.details,
    '',
    'Options:',
    ...rows(Object.entries({ ...spec.options, ...COMMON_OPTIONS }).map(optionRow)),
    '',
  ].join('\n');
}
