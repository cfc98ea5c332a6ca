const known: unique symbol = Symbol("bytes");

interface Marked {
  [known]?: Uint8Array;
}

/** An answer whose body is at hand whole, which stays in mind: a body could be read back only by waiting for it. */
export function wholeAnswer(bytes: Uint8Array, init: ResponseInit): Response {
  const answer: Response & Marked = new Response(bytes as Uint8Array<ArrayBuffer>, init);
  answer[known] = bytes;
  return answer;
}

/** The body of a `wholeAnswer`; undefined of any other. */
export function wholeBytes(answer: Response): Uint8Array | undefined {
  return (answer as Marked)[known];
}
