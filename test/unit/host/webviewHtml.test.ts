import assert from 'node:assert/strict';
import { escapeMarkup } from '../../../src/common/escapeMarkup';
import { contentSecurityPolicy, webviewHtml } from '../../../src/host/webviewHtml';

const shell = {
  cspSource: 'https://*.example.test',
  nonce: 'bm9uY2U=',
  scriptUri: 'https://files.example.test/trajectory.js',
  styleUris: ['https://files.example.test/a.css', 'https://files.example.test/b.css'],
  title: 'rollouts.jsonl',
};

describe('webviewHtml', () => {
  it('lets nothing in that the policy does not name', () => {
    const rules = new Map(
      contentSecurityPolicy('https://own', 'N')
        .split('; ')
        .map((rule) => {
          const [name, ...values] = rule.split(' ');
          return [name, values.join(' ')] as const;
        }),
    );
    assert.equal(rules.get('default-src'), "'none'");
    assert.equal(rules.get('script-src'), "'nonce-N'");
    assert.equal(rules.get('style-src'), "https://own 'nonce-N'");
    assert.equal(rules.get('img-src'), 'blob:');
    for (const closed of ['connect-src', 'form-action', 'base-uri', 'frame-src']) {
      assert.equal(rules.get(closed), "'none'", closed);
    }
  });

  it('has one script and it carries the nonce', () => {
    const html = webviewHtml(shell);
    assert.deepEqual(html.match(/<script[^>]*>/g), [
      '<script nonce="bm9uY2U=" src="https://files.example.test/trajectory.js">',
    ]);
    assert.equal(html.match(/<link /g)?.length, 2);
    assert.match(html, /<meta property="csp-nonce" content="bm9uY2U=">/);
  });

  it('carries the id of what was opened where there is one', () => {
    assert.doesNotMatch(webviewHtml(shell), /imcot-opened/);
    assert.match(webviewHtml({ ...shell, opened: 'a"b' }), /<meta name="imcot-opened" content="a&quot;b">/);
  });

  it('keeps a hostile title and address inside their places', () => {
    const hostile = '"><script>alert(1)</script>';
    const html = webviewHtml({ ...shell, title: hostile, scriptUri: hostile, styleUris: [hostile] });
    assert.equal(html.match(/<script/g)?.length, 1);
    assert.equal(escapeMarkup(`<&>"'`), '&lt;&amp;&gt;&quot;&#39;');
  });
});
