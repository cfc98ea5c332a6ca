/**
 * Remembers what a pure function gave for the last texts, at most `capacity` of them: then it forgets them all at once.
 * Long texts are not remembered. So a client who sends ever new texts costs time but no memory.
 */
export function memoise<Result>(
  capacity: number,
  compute: (text: string) => Result,
): (text: string) => Result {
  const known = new Map<string, Result>();
  return (text) => {
    const found = known.get(text);
    if (found !== undefined) return found;
    const result = compute(text);
    if (known.size >= capacity) known.clear();
    if (text.length <= maxLength) known.set(text, result);
    return result;
  };
}

const maxLength = 256;
