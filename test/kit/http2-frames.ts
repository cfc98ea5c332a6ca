import { Buffer } from "node:buffer";

/** Types of frames (RFC 9113, 6). */
export const frameType = {
  data: 0,
  headers: 1,
  resetStream: 3,
  settings: 4,
  ping: 6,
  goAway: 7,
  windowUpdate: 8,
  continuation: 9,
} as const;

export const END_STREAM = 0x1;
export const ACK = 0x1;
export const END_HEADERS = 0x4;

/** What a client says first (RFC 9113, 3.4). */
export const preface = Buffer.concat([
  Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
  frame(frameType.settings),
]);

/** A frame, byte by byte: nobody checks what is in it. */
export function frame(
  type: number,
  { flags = 0, stream = 0, payload = Buffer.alloc(0) }: Partial<Frame> = {},
): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.byteLength, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

/** A field as a literal that no table remembers, without Huffman codes (RFC 7541, 6.2.2): any octet can stand in it. */
export function field(name: string, value: string): Buffer {
  return Buffer.concat([Buffer.of(0), text(name), text(value)]);
}

/** The fields of a request, and further ones. */
export function requestFields(path: string, ...more: readonly (readonly [string, string])[]): Buffer {
  const start = [
    [":method", "GET"],
    [":scheme", "http"],
    [":authority", "site.test"],
    [":path", path],
  ] as const;
  return Buffer.concat([...start, ...more].map(([name, value]) => field(name, value)));
}

/** A whole request without a body, in one frame. */
export function requestFrame(stream: number, fields: Buffer): Buffer {
  return frame(frameType.headers, { flags: END_HEADERS | END_STREAM, stream, payload: fields });
}

interface Frame {
  readonly flags: number;
  readonly stream: number;
  readonly payload: Buffer;
}

/** A frame that came. */
export interface ReceivedFrame extends Frame {
  readonly type: number;
}

/** Takes frames apart, in whatever pieces they come; what is not whole yet waits. */
export function createFrameReader(): (bytes: Uint8Array) => readonly ReceivedFrame[] {
  let rest = Buffer.alloc(0);
  return (bytes) => {
    rest = Buffer.concat([rest, bytes]);
    const frames: ReceivedFrame[] = [];
    while (rest.length >= 9 && rest.length >= 9 + rest.readUIntBE(0, 3)) {
      const end = 9 + rest.readUIntBE(0, 3);
      const stream = rest.readUInt32BE(5) & 0x7fff_ffff;
      frames.push({
        type: rest.readUInt8(3),
        flags: rest.readUInt8(4),
        stream,
        payload: rest.subarray(9, end),
      });
      rest = rest.subarray(end);
    }
    return frames;
  };
}

/** An integer's first octet has seven bits for it, behind the one that says whether the text is coded. */
function text(value: string): Buffer {
  const bytes = Buffer.from(value, "latin1");
  return Buffer.concat([integer(bytes.byteLength), bytes]);
}

/** RFC 7541, 5.1, with a prefix of seven bits. */
function integer(value: number): Buffer {
  if (value < 127) return Buffer.of(value);
  const octets = [127];
  let left = value - 127;
  for (; left >= 128; left = Math.floor(left / 128)) octets.push((left % 128) + 128);
  return Buffer.from([...octets, left]);
}
