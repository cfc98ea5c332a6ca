const texts =
  /^(?:text\/.*|application\/(?:(?:.*\+)?(?:json|xml)|(?:x-)?javascript|ecmascript|x-ndjson|jsonl|graphql)|image\/svg\+xml)$/;

/** Whether bodies of this media type are texts. */
export function isText(type: string): boolean {
  return texts.test(type);
}

/** Whether bodies of this media type are HTML. */
export function isHtml(type: string): boolean {
  return type === "text/html" || type === "application/xhtml+xml";
}

/** Whether bodies of this media type are JSON, or several pieces of it. */
export function isJson(type: string): boolean {
  return /^(?:application\/(?:.*\+)?json(?:-seq|l)?|application\/(?:x-)?(?:ndjson|jsonlines)|text\/json)$/.test(
    type,
  );
}
