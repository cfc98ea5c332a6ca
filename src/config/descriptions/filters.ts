const both: Readonly<Record<string, string>> = {
  setHeader: "Headers to set.",
  addHeader: "Headers to add beside those of the same name.",
  removeHeader: "Headers to remove: a name or a list.",
  replaceBody: "Replaces text in bodies.",
  "replaceBody.find": "A text, or /re/flags.",
  "replaceBody.with": "What stands there instead.",
  "replaceBody.types": "Media types whose bodies are looked at; absent = all texts.",
  module: "File of a filter of your own.",
};

const request: Readonly<Record<string, string>> = {
  ...both,
  setQuery: "Query parameters to set.",
  removeQuery: "Query parameters to remove: a name or a list.",
  block: "Refuses requests that hold a text.",
  "block.in": "path, query, header:NAME or body.",
  "block.find": "A text, or /re/flags.",
  "block.status": "The status of the refusal.",
};

const response: Readonly<Record<string, string>> = {
  ...both,
  insertHtml: "Inserts into HTML: exactly one of before and after.",
  "insertHtml.before": "The tag before which it stands, such as </body>.",
  "insertHtml.after": "The tag after which it stands, such as <head>.",
  "insertHtml.html": "What is inserted.",
  redactJson: "Hides values in JSON.",
  "redactJson.keys": "A bare key at any depth, a dotted one from the root.",
  "redactJson.with": "What stands there instead.",
  rewriteLocation: "In Location and Content-Location the server's own address becomes ours.",
  rewriteCookies: "Changes attributes of the cookies that servers set.",
  "rewriteCookies.domain": "The Domain; empty = none.",
  "rewriteCookies.path": "The Path; empty = none.",
  "rewriteCookies.secure": "Whether Secure is set.",
  "rewriteCookies.sameSite": "Strict, Lax or None.",
};

/** What the keys of filters mean. */
export const filterDescriptions: Readonly<Record<string, string>> = {
  ...prefixed("routes[].filters.request[]", request),
  ...prefixed("routes[].filters.response[]", response),
};

function prefixed(prefix: string, table: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(table).map(([key, text]) => [`${prefix}.${key}`, text]));
}
