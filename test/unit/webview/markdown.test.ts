import assert from 'node:assert/strict';
import {
  isMarked,
  mayLink,
  parseMarkdown,
  type MarkdownToken,
} from '../../../src/webview/trajectory/markdown';
import { formulaAt } from '../../../src/webview/trajectory/markdownFormulas';

/** `type` of every token that is not a closing one, with what it says. */
function outline(tokens: readonly MarkdownToken[]): string[] {
  return tokens.flatMap((token) => {
    if (token.children) return outline(token.children);
    if (token.nesting < 0 || token.hidden) return [];
    return [token.content === '' ? token.type : `${token.type} ${token.content}`];
  });
}

describe('Markdown of the policy', () => {
  it('links to pages and people alone', () => {
    for (const address of ['https://a.test/x?y=1#z', 'HTTPS://A.TEST', 'mailto:a@b.test'])
      assert.equal(mayLink(address), true, address);
    for (const address of [
      'http://a.test',
      'https:a.test',
      'javascript:alert(1)',
      'command:workbench.action.quit',
      'vscode://file/etc/passwd',
      'file:///etc/passwd',
      'data:text/html,x',
      '//a.test',
      'a.test',
      '#root',
      'https://a.test/\u202egnp',
      'https://a.test/ x',
    ])
      assert.equal(mayLink(address), false, address);
  });

  it('leaves pictures, markup, entities and definitions as they were written', () => {
    assert.deepEqual(outline(parseMarkdown('![x](http://a.test/p.png) <b>y</b> &amp;')), [
      'paragraph_open',
      'text ![x](http://a.test/p.png) <b>y</b> &amp;',
    ]);
    assert.deepEqual(outline(parseMarkdown('[a]: https://a.test')), [
      'paragraph_open',
      'text [a]: https://a.test',
    ]);
    assert.deepEqual(outline(parseMarkdown('    four blanks')), ['paragraph_open', 'text four blanks']);
    assert.deepEqual(outline(parseMarkdown('words\n---')), ['paragraph_open', 'text words', 'hr']);
  });

  it('tells plain text from marked text', () => {
    for (const text of [
      'a **b**',
      '- item',
      '1. item',
      '# head',
      '`code`',
      '$x$',
      '\\(x\\)',
      '> quote',
      '|a|b|',
    ])
      assert.equal(isMarked(text), true, text);
    for (const text of ['Plain words, a (bracket) and 3 - 2 = 1.', 'a <b> & c', '*a\u0000*'])
      assert.equal(isMarked(text), false, text);
  });
});

describe('formulas in Markdown', () => {
  it('are found between their marks, and prices are none', () => {
    const found = (text: string): string | undefined => formulaAt(text, 0)?.tex;
    assert.equal(found('$x^2$ is'), 'x^2');
    assert.equal(found('$$a\n\nb$$'), 'a\n\nb');
    assert.equal(found('\\(a\\)'), 'a');
    assert.equal(found('\\[a\\]'), 'a');
    assert.equal(found('$a\\$b$'), 'a\\$b');
    for (const text of ['$5 and $6', '$ x$', '$x $', '$$ $$', '$x', '$a\n\nb$', '(x)'])
      assert.equal(found(text), undefined, text);
  });

  it('stand in a line or on lines of their own, whatever those would be else', () => {
    assert.deepEqual(outline(parseMarkdown('So $x_1*y_1$ is *it*')), [
      'paragraph_open',
      'text So ',
      'formula x_1*y_1',
      'text  is ',
      'em_open',
      'text it',
    ]);
    const tokens = parseMarkdown('first\n\\[\nx\n- y\n\\]\nthen');
    assert.deepEqual(outline(tokens), [
      'paragraph_open',
      'text first',
      'formula \nx\n- y\n',
      'paragraph_open',
      'text then',
    ]);
  });

  it('take no longer on text that is full of marks', () => {
    const begun = performance.now();
    for (const mark of ['$', '\\(', '\\[', '$$ ', '[', '*a', '> ', '`'])
      parseMarkdown(mark.repeat(60_000 / mark.length));
    assert.ok(performance.now() - begun < 20_000);
  });
});
