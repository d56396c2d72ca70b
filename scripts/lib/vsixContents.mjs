// What may stand in a VSIX. One list: the packaging script stages by it, and checks the staged folder and the VSIX.

/** Files of the extension itself, as paths from its folder. */
const ALLOWED = [
  /^package\.json$/,
  /^package\.nls\.json$/,
  /^(README|CHANGELOG)\.md$/,
  /^(LICENSE|THIRD_PARTY_NOTICES)$/,
  /^dist\/(extension|cli|indexWorker|dynamicsWorker|runsWorker|rowsWorker|compareWorker|logWorker|inferenceWorker|quantiseWorker)\.js$/,
  /^dist\/bin\/imcot(\.cmd)?$/,
  /^dist\/webview\/(trajectory|dynamics|logFile|compare)\.(js|css)$/,
  /^dist\/webview\/codicon\.(css|ttf)$/,
  /^media\/[\w-]+\.(png|svg)$/,
  /^media\/walkthrough\/[\w-]+\.(md|png|svg)$/,
  /^media\/demo\/samples\/[\w./-]+\.(jsonl|png|jpg|webp|md)$/,
  /^media\/demo\/images\/([\w-]+\.(png|jpg)|questions\.jsonl|README\.md)$/,
  /^media\/demo\/model\/([\w-]+\.json|merges\.txt|model\.safetensors|README\.md)$/,
];

/** Files of a runtime package: licence, code (`require` and `import` take different files), binary, the licences in libvips. */
const ALLOWED_IN_PACKAGE = [
  /^package\.json$/,
  /^LICENSE(\.\w+)?$/i,
  /\.[cm]?js$/,
  /^lib\/[\w.+-]+\.(node|dll|dylib)$/,
  /^lib\/[\w.+-]+\.so(\.[\d.]+)?$/,
  /^versions\.json$/,
];
const README_OF_LIBVIPS = /^node_modules\/@img\/sharp-[\w-]+\/README\.md$/;
const NEVER_IN_PACKAGE = /^(src|install|test|docs)\//;

/**
 * @param {string} file a path from the extension's folder, with forward slashes
 * @param {readonly { place: string, files?: readonly RegExp[] }[]} modules the runtime packages of the target
 */
export function mayShip(file, modules) {
  if (!file.startsWith('node_modules/')) return ALLOWED.some((pattern) => pattern.test(file));
  const owner = modules.find(({ place }) => file.startsWith(`${place}/`));
  if (!owner) return false;
  if (README_OF_LIBVIPS.test(file)) return true;
  const inside = file.slice(owner.place.length + 1);
  if (owner.files) return owner.files.some((pattern) => pattern.test(inside));
  return !NEVER_IN_PACKAGE.test(inside) && ALLOWED_IN_PACKAGE.some((pattern) => pattern.test(inside));
}

/** Files without which the extension does not work, whatever the platform. */
export const REQUIRED = [
  'package.json',
  'README.md',
  'LICENSE',
  'THIRD_PARTY_NOTICES',
  'dist/extension.js',
  'dist/cli.js',
  'dist/indexWorker.js',
  'dist/dynamicsWorker.js',
  'dist/runsWorker.js',
  'dist/rowsWorker.js',
  'dist/compareWorker.js',
  'dist/logWorker.js',
  'dist/inferenceWorker.js',
  'dist/quantiseWorker.js',
  'dist/webview/trajectory.js',
  'dist/webview/trajectory.css',
  'dist/webview/dynamics.js',
  'dist/webview/dynamics.css',
  'dist/webview/logFile.js',
  'dist/webview/logFile.css',
  'dist/webview/compare.js',
  'dist/webview/compare.css',
  'dist/webview/codicon.css',
  'dist/webview/codicon.ttf',
  'media/demo/images/questions.jsonl',
  'media/demo/model/model.safetensors',
  'media/demo/model/config.json',
  'media/demo/model/generation_config.json',
  'media/demo/model/preprocessor_config.json',
  'media/demo/model/rollout_config.json',
  'media/demo/model/tokenizer.json',
  'media/demo/model/tokenizer_config.json',
  'node_modules/sharp/package.json',
];

/**
 * What is wrong with a list of files.
 * @param {readonly string[]} files
 * @param {readonly { place: string, name: string, files?: readonly RegExp[] }[]} modules
 * @returns {string[]}
 */
export function checkContents(files, modules) {
  const sharp = files.some((file) => file.startsWith('node_modules/@img/') && file.endsWith('.node'));
  // Each pattern of a package with a list of its own stands for a file that must be there.
  const lacking = (module) =>
    (module.files ?? []).filter(
      (pattern) =>
        !files.some(
          (file) => file.startsWith(`${module.place}/`) && pattern.test(file.slice(module.place.length + 1)),
        ),
    );
  return [
    ...files.filter((file) => !mayShip(file, modules)).map((file) => `must not ship: ${file}`),
    ...REQUIRED.filter((file) => !files.includes(file)).map((file) => `is missing: ${file}`),
    ...modules
      .filter(({ place }) => !files.includes(`${place}/package.json`))
      .map(({ name }) => `is missing: ${name}`),
    ...modules.flatMap((module) =>
      lacking(module).map((pattern) => `is missing: ${module.name} lacks ${pattern.source}`),
    ),
    ...(sharp ? [] : ['is missing: the binary of sharp']),
  ];
}
