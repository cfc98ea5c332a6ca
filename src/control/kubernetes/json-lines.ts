/** A longer line is refused, characters: no cluster stores an object of a quarter of that. */
const longestLine = 8 * 1024 * 1024;

/**
 * Gives the whole lines of a stream of JSON, those that came together in one batch. What stands behind the last line break when
 * the stream ends was cut off, and is left out.
 */
export async function* readLineBatches(body: AsyncIterable<Uint8Array>): AsyncGenerator<readonly string[]> {
  const decoder = new TextDecoder();
  let begun: string[] = []; // not joined before its end has come: a long line would be copied again and again
  let length = 0;
  for await (const bytes of body) {
    const text = decoder.decode(bytes, { stream: true });
    const end = text.lastIndexOf("\n");
    const lines = end < 0 ? [] : (begun.join("") + text.slice(0, end)).split("\n");
    if (end >= 0) begun = [];
    begun.push(text.slice(end + 1));
    length = end < 0 ? length + text.length : text.length - end - 1;
    if (length > longestLine) throw new RangeError(`a line is longer than ${longestLine} characters`);
    const whole = lines.filter((line) => line.trim() !== "");
    if (whole.length > 0) yield whole;
  }
}
