/**
 * Reads a body of known length in one step, however long its parts take.
 *
 * @throws what the read throws, where the body breaks off.
 */
export async function readHeld(response: Response, lengthBytes: number): Promise<Uint8Array> {
  const bytes = await response.bytes();
  if (bytes.byteLength !== lengthBytes) throw new Error("Cannot read the body: it ended before its length");
  return bytes;
}
