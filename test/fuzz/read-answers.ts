/**
 * Reads what a client got as answers one after another. Gives their statuses, or throws where something in it is no answer:
 * the last one may be cut off, nothing may stand between two.
 */
export function readAnswers(text: string): number[] {
  const statuses: number[] = [];
  for (let rest = text; rest !== "";) {
    const head = /^HTTP\/1\.[01] (\d{3})(?: [ -~]*)?\r\n((?:[\w!#$%&'*+.^`|~-]+: ?[^\0\r\n]*\r\n)*)\r\n/.exec(
      rest,
    );
    if (!head) {
      if (isBeginning(rest)) return statuses;
      throw new Error(`This is no answer: ${JSON.stringify(rest.slice(0, 200))}`);
    }
    const status = Number(head[1]);
    statuses.push(status);
    rest = afterBody(rest.slice(head[0].length), status, head[2] ?? "");
  }
  return statuses;
}

/** Whether more bytes could make an answer of it. */
function isBeginning(text: string): boolean {
  return "HTTP/1.1 ".startsWith(text.slice(0, 9)) && !text.includes("\r\n\r\n");
}

function afterBody(rest: string, status: number, fields: string): string {
  if (status < 200 || status === 204 || status === 304) return rest;
  if (/^transfer-encoding: chunked\r$/im.test(fields)) return afterChunks(rest);
  const length = /^content-length: (\d+)\r$/im.exec(fields)?.[1];
  return length === undefined ? "" : rest.slice(Number(length)); // without either the end of the connection is its end
}

function afterChunks(text: string): string {
  for (let rest = text; ;) {
    const head = /^([0-9a-f]+)\r\n/i.exec(rest);
    if (!head) return "";
    const size = Number.parseInt(head[1] ?? "", 16);
    rest = rest.slice(head[0].length + size + 2);
    if (size === 0) return rest;
  }
}
