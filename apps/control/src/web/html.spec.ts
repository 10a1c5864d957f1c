import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { html } from './html.js';

test('whatever is put into a page is shown as text', () => {
  expect(html`<p title="${`"'><script>`}">${'a & b'}${html`<b>${'<i>'}</b>`}${[html`1`, html`2`]}${3}</p>`.text).toBe(
    '<p title="&quot;&#39;&gt;&lt;script&gt;">a &amp; b<b>&lt;i&gt;</b>123</p>',
  );
});

test('no text opens a tag or ends an attribute', () => {
  fc.assert(fc.property(fc.string(), (text) => expect(html`${text}`.text).not.toMatch(/[<>"']/)));
});
