import { createHash } from 'node:crypto';
import type { FastifyReply } from 'fastify';
import { Html, html } from './html.js';

const STYLE = `
:root { color-scheme: light dark; --ink: #1a1c1e; --paper: #fff; --line: #8a8f98; --accent: #0b57d0; --on-accent: #fff; --bad: #b3261e }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e7ea; --paper: #141518; --line: #74797f; --accent: #a8c7fa; --on-accent: #062e6f; --bad: #f2b8b5 } }
body { margin: 0; font: 1rem/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper) }
main { max-width: 26rem; margin: 12vh auto 0; padding: 0 1.25rem }
a { color: var(--accent) }
.mark { margin: 0 0 1.5rem; font-weight: 600; letter-spacing: .02em; color: var(--accent) }
h1 { font-size: 1.5rem; line-height: 1.25; margin: 0 0 1rem }
dl { display: grid; grid-template-columns: auto 1fr; gap: .25rem 1rem; margin: 1rem 0 }
dt { opacity: .75 } dd { margin: 0; overflow-wrap: anywhere }
.actions { display: flex; flex-wrap: wrap; gap: .75rem; margin-top: 1.5rem }
.button { font: inherit; padding: .6rem 1.1rem; border-radius: .5rem; border: 1px solid var(--line); background: none; color: inherit; text-decoration: none; cursor: pointer }
.primary { background: var(--accent); border-color: var(--accent); color: var(--on-accent) }
.problem { border-left: .25rem solid var(--bad); padding-left: .75rem }
.quiet { opacity: .75; font-size: .875rem }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px }`;

const STYLE_HASH = createHash('sha256').update(STYLE).digest('base64');

/** Nothing is loaded from anywhere, nothing runs, and nobody shows the page inside another one. */
const POLICY = `default-src 'none'; style-src 'sha256-${STYLE_HASH}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`;

/** Sends a page. What it shows is for one person, now. */
export function sendPage(reply: FastifyReply, title: string, content: Html, status = 200): void {
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} · netfold</title>
<style>${new Html(STYLE)}</style>
</head>
<body><main>
<p class="mark">netfold</p>
<h1>${title}</h1>
${content}
</main></body>
</html>
`;
  void reply
    .status(status)
    .headers({
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': POLICY,
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
    })
    .send(page.text);
}
