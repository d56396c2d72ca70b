/** The one style of an exported page: light and dark as the reader's system has it, and on paper. */
export const EXPORT_STYLE = `
:root { color-scheme: light dark; --ground: #fff; --text: #1f1f1f; --soft: #5f6368; --line: #d4d4d4; --sunken: #f6f6f6;
  --red: #b3261e; --yellow: #7a5c00;
  --t0: #b35900; --t1: #0b63ce; --t2: #7b3fbf; --t3: #1a7f37; --t4: #8a6d00; --t5: #c0362c; }
@media (prefers-color-scheme: dark) { :root { --ground: #1e1e1e; --text: #d4d4d4; --soft: #a0a0a0; --line: #454545;
  --sunken: #252526; --red: #f48771; --yellow: #e2c08d;
  --t0: #f0a35e; --t1: #6cb6ff; --t2: #c792ea; --t3: #7ec98a; --t4: #e5d06b; --t5: #ff8a80; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--text); font: 15px/1.55 system-ui, sans-serif; }
main { max-width: 60rem; margin: 0 auto; padding: 1.5rem; }
h1 { font-size: 1.25rem; overflow-wrap: anywhere; }
h2 { margin: 1.5rem 0 .5rem; padding-left: .5rem; border-left: 4px solid var(--tone, var(--line)); font-size: 1.05rem; }
h3 { margin: .75rem 0 .25rem; font-size: .9rem; }
small, figcaption, dt { color: var(--soft); font-size: .85rem; font-weight: normal; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .1rem 1rem; }
dd { margin: 0; overflow-wrap: anywhere; }
figure { margin: .5rem 0; }
svg, img { max-width: 100%; height: auto; border: 1px solid var(--line); }
svg { display: block; width: 100%; max-height: 80vh; }
.text { white-space: pre-wrap; overflow-wrap: anywhere; }
.call, .written { font-family: ui-monospace, monospace; font-size: .85rem; overflow-wrap: anywhere; }
.call { margin: .25rem 0; padding: .35rem .6rem; border: 1px solid var(--line); border-left: 4px solid var(--tone); background: var(--sunken); }
.written { color: var(--soft); }
.remark, .mark { margin: .2rem 0; font-size: .85rem; }
.mark { color: var(--yellow); }
.error { color: var(--red); }
.observation { margin-left: 1.5rem; padding-left: 1rem; border-left: 2px solid var(--tone, var(--line)); }
.answer > .text { padding: .4rem .7rem; border: 1px solid var(--line); font-weight: 600; }
.hidden { border: 1px solid var(--line); border-radius: 2px; color: var(--soft); font: .75em ui-monospace, monospace; }
.nothing { fill: var(--sunken); }
.box { fill: none; stroke: var(--tone); stroke-width: 2px; vector-effect: non-scaling-stroke; }
.truth { --tone: var(--text); stroke-dasharray: 6 4; }
text { fill: var(--tone); stroke: var(--ground); stroke-width: .25em; paint-order: stroke; font-weight: 700; font-family: system-ui, sans-serif; }
.tone-0 { --tone: var(--t0); } .tone-1 { --tone: var(--t1); } .tone-2 { --tone: var(--t2); }
.tone-3 { --tone: var(--t3); } .tone-4 { --tone: var(--t4); } .tone-5 { --tone: var(--t5); }
@media print { :root { color-scheme: light; } main { max-width: none; padding: 0; } figure, .call { break-inside: avoid; }
  h2, h3 { break-after: avoid; } }
`;
