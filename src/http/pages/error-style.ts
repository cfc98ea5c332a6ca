/**
 * The style of the built-in error page. It never depends on a request, so that one hash in the Content-Security-Policy
 * allows it and nothing else.
 */
export const errorStyle = `
:root {
  color-scheme: light dark;
  --paper: #f6f5f2; --ink: #1d2129; --soft: #5a6270; --line: #d9d7d0; --card: #fff; --dot: #c9c6bd;
  --accent: #b4400f; --good: #2f6f4f; --glow: #f3d9c8;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #12141a; --ink: #eceef3; --soft: #a2aab9; --line: #2b303b; --card: #1a1d25; --dot: #3b4250;
    --accent: #ff9d6b; --good: #7fd0a5; --glow: #3a2219;
  }
}
* { box-sizing: border-box; margin: 0; }
html { min-height: 100%; background: var(--paper); }
body {
  min-height: 100vh; min-height: 100svh; display: grid; place-items: center;
  padding: clamp(1.25rem, 5vw, 4rem);
  background: radial-gradient(60rem 30rem at 50% -12rem, var(--glow), transparent 70%) no-repeat;
  color: var(--ink); font: 400 1.0625rem/1.6 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif;
  -webkit-text-size-adjust: 100%;
}
main { width: 100%; max-width: 38rem; }
svg { display: block; width: 100%; max-width: 22rem; height: auto; margin: 0 0 clamp(1.75rem, 5vw, 2.75rem) -0.25rem; overflow: visible; }
svg line { stroke: var(--dot); stroke-width: 2; stroke-dasharray: 1 7; stroke-linecap: round; }
svg circle { fill: var(--card); stroke: var(--dot); stroke-width: 2; }
svg path { fill: none; stroke: var(--dot); stroke-width: 2.5; stroke-linecap: round; stroke-linejoin: round; }
svg text { fill: var(--soft); font: 500 12px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; text-anchor: middle; }
svg .passed circle, svg .passed path, svg line.passed { stroke: var(--good); }
svg .failed circle { stroke: var(--accent); fill: var(--glow); }
svg .failed path { stroke: var(--accent); }
svg .failed text { fill: var(--ink); font-weight: 600; }
.status { font-size: 0.9375rem; font-weight: 600; letter-spacing: 0.02em; color: var(--accent); }
h1 { margin: 0.35rem 0 0.85rem; font-size: clamp(1.75rem, 1.2rem + 2.6vw, 2.75rem); line-height: 1.15; font-weight: 650; letter-spacing: -0.022em; text-wrap: balance; }
.advice { color: var(--soft); font-size: 1.125rem; max-width: 34rem; text-wrap: pretty; }
.wait { margin-top: 0.5rem; font-weight: 550; }
.again {
  display: inline-block; margin-top: 1.75rem; padding: 0.7rem 1.35rem; border-radius: 999px;
  background: var(--ink); color: var(--paper); font-weight: 600; text-decoration: none;
}
.again:hover { background: var(--accent); }
.again:focus-visible { outline: 3px solid var(--accent); outline-offset: 3px; }
dl {
  display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: 0.4rem 1.5rem;
  margin-top: clamp(2rem, 6vw, 3rem); padding-top: 1.25rem; border-top: 1px solid var(--line);
  font-size: 0.875rem;
}
dt { color: var(--soft); }
dd { font-family: ui-monospace, "SF Mono", Menlo, Consolas, monospace; overflow-wrap: anywhere; user-select: all; }
@media (max-width: 26rem) { dl { grid-template-columns: minmax(0, 1fr); gap: 0; } dd { margin-bottom: 0.75rem; } }
@media print { body { background: none; } .again { display: none; } }
`;
