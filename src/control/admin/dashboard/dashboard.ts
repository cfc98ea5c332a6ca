import { createHash } from "node:crypto";
import type { Context } from "hono";
import { pageFiles } from "./page-files.ts";

/** A file of the page as browsers get it. */
interface PageFile {
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** Answers with a file of the page, or with 304 where the browser has it. */
export type AnswerFile = (c: Context) => Response;

/**
 * The dashboard by path: one page, its styles and its scripts, which are parts of the program. It holds no data and needs
 * no token; what it shows it asks of the API.
 */
export function dashboardFiles(asksToken: () => boolean): Readonly<Record<string, AnswerFile>> {
  const files = Object.entries(pageFiles).map(([path, text]) => [path, answerWith(toPageFile(path, text))]);
  return { ...(Object.fromEntries(files) as Record<string, AnswerFile>), "/": answerPage(asksToken) };
}

/** The page itself knows whether it has to ask for a token first, so that no request of its need be refused. */
function answerPage(asksToken: () => boolean): AnswerFile {
  const { "/": text = "" } = pageFiles;
  const open = answerWith(toPageFile("/", text));
  const locked = answerWith(toPageFile("/", text.replace("<html", '<html data-token="needed"')));
  return (c) => (asksToken() ? locked(c) : open(c));
}

/** Nothing from elsewhere, nothing inline, no text that becomes HTML or a script, and no other page around this one. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join("; ");

const mediaTypes: Readonly<Record<string, string>> = {
  css: "text/css; charset=utf-8",
  html: "text/html; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  svg: "image/svg+xml",
};

function toPageFile(path: string, body: string): PageFile {
  const [extension = "html"] = /(?<=\.)\w+$/.exec(path) ?? [];
  const headers = {
    "content-type": mediaTypes[extension] ?? "text/plain",
    "content-security-policy": policy,
    "cache-control": "no-cache",
    etag: `"${createHash("sha256").update(body).digest("base64url")}"`,
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
  };
  return { body, headers };
}

function answerWith({ body, headers }: PageFile): AnswerFile {
  return (c) => {
    const isKnown = c.req.header("if-none-match") === headers["etag"];
    return isKnown ? c.body(null, 304, headers) : c.body(body, 200, headers);
  };
}
