/**
 * The script of the challenge page: looks for a number that gives `token.number` a SHA-256 with enough leading zero bits,
 * sends both back in a field of a request for the same address, and loads that address anew.
 *
 * It never depends on a request, so that one hash in the Content-Security-Policy allows it and nothing else. WebCrypto
 * is there in secure contexts only; sites over plain http get the same sums from the few lines of `plainWord`. Batches are
 * small, so that the page stays responsive on a slow phone.
 */
export const challengeScript = String.raw`
"use strict";
const main = document.querySelector("main");
const [said, bar, again] = ["said", "bar", "again"].map((id) => document.getElementById(id));
const { token } = main.dataset;
const difficulty = Number(main.dataset.difficulty);
const solutionOf = (number) => token + "." + number.toString(36);

function tell(text) { said.textContent = text; }
function fail(text) { tell(text); bar.hidden = true; again.hidden = false; }

const encoder = new TextEncoder();
async function strongWords(from) {
  const digests = [];
  for (let n = from; n < from + batch; n++) {
    digests.push(crypto.subtle.digest("SHA-256", encoder.encode(solutionOf(n))));
  }
  return (await Promise.all(digests)).map((digest) => new DataView(digest).getUint32(0));
}

async function plainWords(from) {
  return Array.from({ length: batch }, (_, at) => plainWord(encoder.encode(solutionOf(from + at))));
}

const primes = [];
for (let n = 2; primes.length < 64; n++) if (primes.every((prime) => n % prime)) primes.push(n);
const fraction = (x) => ((x % 1) * 2 ** 32) | 0;
const start = primes.slice(0, 8).map((prime) => fraction(Math.sqrt(prime)));
const rounds = primes.map((prime) => fraction(Math.cbrt(prime)));
const words = new Int32Array(64);
const turned = (x, by) => (x >>> by) | (x << (32 - by));

/** The first word of the SHA-256 of at most 55 bytes: one block. */
function plainWord(bytes) {
  words.fill(0, 0, 16);
  bytes.forEach((byte, at) => { words[at >> 2] |= byte << (24 - (at & 3) * 8); });
  words[bytes.length >> 2] |= 128 << (24 - (bytes.length & 3) * 8);
  words[15] = bytes.length * 8;
  for (let at = 16; at < 64; at++) {
    const [x, y] = [words[at - 15], words[at - 2]];
    const s0 = turned(x, 7) ^ turned(x, 18) ^ (x >>> 3);
    const s1 = turned(y, 17) ^ turned(y, 19) ^ (y >>> 10);
    words[at] = words[at - 16] + s0 + words[at - 7] + s1;
  }
  let [a, b, c, d, e, f, g, h] = start;
  for (let at = 0; at < 64; at++) {
    const s1 = turned(e, 6) ^ turned(e, 11) ^ turned(e, 25);
    const t1 = (h + s1 + ((e & f) ^ (~e & g)) + rounds[at] + words[at]) | 0;
    const s0 = turned(a, 2) ^ turned(a, 13) ^ turned(a, 22);
    const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    [h, g, f, e, d, c, b, a] = [g, f, e, (d + t1) | 0, c, b, a, (t1 + t2) | 0];
  }
  return (a + start[0]) >>> 0;
}

const wordsFrom = globalThis.crypto?.subtle ? strongWords : plainWords;
const batch = 256;

/** Lets the page breathe, in a background tab too. */
function pause() {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = resolve;
    port2.postMessage(0);
  });
}

async function solve() {
  for (let from = 0; ; from += batch) {
    const at = (await wordsFrom(from)).findIndex((word) => Math.clz32(word) >= difficulty);
    if (at >= 0) return solutionOf(from + at);
    bar.value = 1 - Math.exp(-from / 2 ** difficulty);
    await pause();
  }
}

/** Whether this tab has solved the same a moment ago: then the browser did not keep the cookie. */
function isGoingRound() {
  try {
    const last = Number(sessionStorage.getItem("headgate-challenge"));
    sessionStorage.removeItem("headgate-challenge");
    return new Date() - last < 10000;
  } catch { return false; }
}
function note() {
  try { sessionStorage.setItem("headgate-challenge", String(Number(new Date()))); } catch {}
}

async function run() {
  if (!navigator.cookieEnabled || isGoingRound()) {
    return fail("Your browser does not keep the cookie of this site. Allow cookies for it, then try again.");
  }
  bar.hidden = false;
  tell("Working on it. This mostly takes a few seconds.");
  const solution = await solve();
  bar.value = 1;
  tell("Done. Taking you to the page.");
  const answer = await fetch(location.pathname + location.search, {
    headers: { "headgate-challenge": solution },
    cache: "no-store",
    redirect: "manual",
  });
  if (answer.status !== 204) return fail("That did not work. Try again.");
  note();
  location.reload();
}

run().catch(() => fail("The site could not be reached. Try again."));
`;
