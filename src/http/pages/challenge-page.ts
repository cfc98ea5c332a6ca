import { createHash } from "node:crypto";
import { challengeScript } from "./challenge-script.ts";
import type { ErrorFacts } from "./error-page.ts";
import { errorStyle } from "./error-style.ts";
import { escapeHtml } from "./escape-html.ts";
import type { Challenge } from "../failures.ts";
import { htmlPage, showAddress } from "./html-page.ts";

/**
 * Writes the page that has a browser solve a challenge: one document without outside resources, for light and dark, small
 * and wide, with and without sight.
 */
export function challengePage(facts: ErrorFacts, { token, difficulty }: Challenge): string {
  const body = `<main data-token="${escapeHtml(token)}" data-difficulty="${difficulty}">
${picture}
<p class="status">One moment, please</p>
<h1>Checking that this is a browser</h1>
<p class="advice">Your browser solves a small puzzle, to keep out programs that ask for too much. Then the page that you wanted appears by itself. You need not do anything; a cookie keeps the answer for a while.</p>
<noscript><p class="wait">The puzzle needs JavaScript. Switch it on for this site, then reload the page.</p></noscript>
<p class="wait" id="said" role="status"></p>
<progress id="bar" max="1" value="0" aria-label="Progress of the puzzle" hidden></progress>
<a class="again" id="again" href="" hidden>Try again</a>
<dl>
<dt>Address</dt><dd>${escapeHtml(showAddress(facts))}</dd>
<dt>Request id</dt><dd>${escapeHtml(facts.requestId)}</dd>
</dl>
</main>
<script>${challengeScript}</script>`;
  return htmlPage({ title: `One moment · ${escapeHtml(facts.host)}`, style, body });
}

/** The error page's journey, waiting at the door. */
const picture = `<svg viewBox="0 0 320 72" role="img" aria-label="Your request waits at this site’s front door.">
<line x1="54" y1="24" x2="134" y2="24" class="passed"/><line x1="186" y1="24" x2="266" y2="24"/>
<g class="passed"><circle cx="28" cy="24" r="18"/><path d="M21 24.5l5 5 9-10"/><text x="28" y="64">You</text></g>
<g class="failed"><circle cx="160" cy="24" r="18"/><path class="dots" d="M152 24h.01m8 0h.01m8 0h.01"/><text x="160" y="64">Front door</text></g>
<g class="ahead"><circle cx="292" cy="24" r="18"/><path d="M287 24h10"/><text x="292" y="64">Page</text></g>
</svg>`;

const style = `${errorStyle}
[hidden] { display: none; }
svg .dots { stroke-width: 4.5; }
#said { margin-top: 1.25rem; }
progress {
  appearance: none; display: block; width: 100%; max-width: 22rem; height: 0.6rem; margin-top: 1rem;
  border: 0; border-radius: 999px; overflow: hidden; background: var(--line); color: var(--accent);
}
progress[hidden] { display: none; }
progress::-webkit-progress-bar { background: var(--line); }
progress::-webkit-progress-value { background: var(--accent); border-radius: 999px; }
progress::-moz-progress-bar { background: var(--accent); border-radius: 999px; }
`;

/** What the page may do: run its own script, and ask this site. */
export const challengePolicy = [
  "default-src 'none'",
  `style-src '${hashOf(style)}'`,
  `script-src '${hashOf(challengeScript)}'`,
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

function hashOf(text: string): string {
  return `sha256-${createHash("sha256").update(text).digest("base64")}`;
}
