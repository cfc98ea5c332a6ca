/** A longer line is refused, characters: no object of a cluster is a tenth as large. */
const longestLine = 32 * 1024 * 1024;

/**
 * Gives the whole lines of a stream of JSON, those that came together in one batch. What stands behind the last line break when
 * the stream ends was cut off, and is left out.
 */
export async function* readLineBatches(body: AsyncIterable<Uint8Array>): AsyncGenerator<readonly string[]> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const bytes of body) {
    const lines = (rest + decoder.decode(bytes, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    if (rest.length > longestLine) throw new RangeError(`a line is longer than ${longestLine} characters`);
    const whole = lines.filter((line) => line.trim() !== "");
    if (whole.length > 0) yield whole;
  }
}
