// The start page: what runs here, what the gateway said about the request, what to try.
'use strict';

const LINKS = [
  ['/pets', 'a list, as JSON'],
  ['/pets/1', 'one of them'],
  ['/pets/99', 'the app’s own 404'],
  ['/echo?x=1', 'the request as the app sees it'],
  ['/cookies', 'two Set-Cookie lines'],
  ['/missing', 'Express’s 404'],
  ['/boom', 'a thrown error, answered as 500'],
];

const escapes = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
const escape = (text) => String(text).replace(/[&<>"']/g, (char) => escapes[char]);

// The gateway's path holds the stage (`/Prod/`), the app's does not: links need the difference.
function stagePrefix(req) {
  return (req.requestContext?.path ?? '').replace(/\/+$/, '');
}

function facts(req) {
  const context = req.requestContext;
  const rows = [['Path', req.path]];
  if (context) {
    rows.push(['Gateway path', context.path], ['Stage', context.stage], ['Request ID', context.requestId]);
    rows.push(['Function', process.env.AWS_LAMBDA_FUNCTION_NAME ?? 'unknown']);
  } else {
    rows.push(['Gateway', 'none, the app runs alone']);
  }
  rows.push(['Runtime', `Node.js ${process.versions.node}`]);
  return rows.map(([name, value]) => `<dt>${escape(name)}</dt><dd>${escape(value)}</dd>`).join('\n      ');
}

function links(prefix) {
  return LINKS.map(
    ([path, what]) =>
      `<li><a href="${escape(prefix + path)}"><code>GET ${escape(path)}</code><span>${escape(what)}</span></a></li>`,
  ).join('\n      ');
}

module.exports = (req) => `<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <title>Express on Fanlight</title>
  <link rel="icon" href="data:,">
  <style>
    :root {
      color-scheme: light dark;
      --back: #f5f3ee; --card: #ffffff; --text: #23263a; --quiet: #6a6e83; --line: #e3dfd5; --accent: #a8480a;
      --frame: #282c42;
    }
    @media (prefers-color-scheme: dark) {
      :root { --back: #16182a; --card: #1f2238; --text: #eceaf4; --quiet: #a2a6c0; --line: #343853; --accent: #ffb36b;
        --frame: #16182a; }
    }
    * { box-sizing: border-box; }
    body { margin: 0; padding: 3rem 1.25rem; background: var(--back); color: var(--text);
      font: 16px/1.55 system-ui, -apple-system, "Segoe UI", sans-serif; }
    main { max-width: 44rem; margin: 0 auto; }
    svg { display: block; width: 5.5rem; height: auto; margin-bottom: 1.25rem; fill: #ffc078; stroke: var(--frame);
      stroke-width: 4; stroke-linejoin: round; }
    h1 { margin: 0 0 .4rem; font-size: 2rem; line-height: 1.15; letter-spacing: -.02em; }
    h2 { margin: 0 0 .75rem; font-size: .8rem; text-transform: uppercase; letter-spacing: .08em; color: var(--quiet); }
    p { margin: 0 0 2rem; color: var(--quiet); }
    section { margin-bottom: 1.25rem; padding: 1.25rem 1.5rem; background: var(--card); border: 1px solid var(--line);
      border-radius: .75rem; }
    dl { display: grid; grid-template-columns: max-content 1fr; gap: .35rem 1.5rem; margin: 0; }
    dt { color: var(--quiet); }
    dd { margin: 0; overflow-wrap: anywhere; font-family: ui-monospace, "SFMono-Regular", Menlo, monospace; font-size: .9rem; }
    ul { margin: 0; padding: 0; list-style: none; }
    li + li { border-top: 1px solid var(--line); }
    li a { display: flex; flex-wrap: wrap; justify-content: space-between; gap: .1rem 1rem; padding: .5rem 0; color: inherit;
      text-decoration: none; }
    li a:hover code, li a:focus-visible code { text-decoration: underline; }
    li span { color: var(--quiet); }
    @media (max-width: 34rem) { li a { flex-direction: column; } }
    code { font-family: ui-monospace, "SFMono-Regular", Menlo, monospace; font-size: .9rem; color: var(--accent); }
  </style>
</head>
<body>
  <main>
    <svg viewBox="0 0 100 56" role="img" aria-label="A fanlight">
      <path d="M6 50a44 44 0 0 1 88 0zM38 50a12 12 0 0 1 24 0M40.3 43 14.4 24.1M46.3 38.6 36.4 8.2M53.7 38.6 63.6 8.2M59.7 43 85.6 24.1"/>
    </svg>
    <h1>Express on Fanlight</h1>
    <p>An ordinary Express app in a Lambda function, behind <code>ANY /</code> and <code>ANY /{proxy+}</code>.</p>
    <section>
      <h2>This request</h2>
      <dl>
      ${facts(req)}
      </dl>
    </section>
    <section>
      <h2>Try</h2>
      <ul>
      ${links(stagePrefix(req))}
      </ul>
    </section>
  </main>
</body>
</html>
`;
