import { readdirSync } from "node:fs";
import process from "node:process";

/** Which of the sockets that share a port take new connections. */
export type Steering = "younger" | "one-younger" | "all";

/** The calls of the C library that steering takes; each gives -1 where it fails. */
export interface SocketCalls {
  /** Everything that this process has open. */
  descriptors(): readonly number[];
  getName(socket: number, into: Uint8Array): number;
  getOption(socket: number, option: SocketOption, into: Uint8Array): number;
  setOption(socket: number, option: SocketOption, value: Uint8Array): number;
  /** Where the bytes lie in memory. */
  addressOf(bytes: Uint8Array): bigint;
}

/** Level and name, as Linux numbers them. */
export type SocketOption = readonly [level: number, name: number];

/** Where the C library lies: glibc, then musl. */
export const libraryNames = ["libc.so.6", "libc.musl-x86_64.so.1", "libc.musl-aarch64.so.1"] as const;

const isListening: SocketOption = [1, 30]; // SO_ACCEPTCONN
const attachProgram: SocketOption = [1, 51]; // SO_ATTACH_REUSEPORT_CBPF
const detachProgram: SocketOption = [1, 68]; // SO_DETACH_REUSEPORT_BPF

/**
 * Says which listeners of this process take the new connections to a port that they share; false where that cannot be
 * said.
 *
 * Linux spreads new connections over all sockets of a port, and when one of them is closed it resets those that this
 * one has not accepted yet: measured, two or three for each closing under load. So the older half is first left out,
 * by the small program that SO_ATTACH_REUSEPORT_CBPF gives to the port, and closed when nothing is under way to it any
 * more. As sockets leave, the last one takes the place of the one that left, so that while the older ones are being
 * closed only one place is certain to be a younger socket's: `one-younger`.
 *
 * Source: socket(7); `reuseport_detach_sock` in Linux's net/core/sock_reuseport.c.
 */
export function steerConnections(calls: SocketCalls, port: number, toward: Steering): boolean {
  const groups = [...groupsOn(port, calls).values()];
  const isSteered = groups.map((sockets) => steerGroup(calls, sockets, toward));
  return isSteered.length > 0 && isSteered.every(Boolean);
}

/** The descriptors of this process; none where the system hides them, as from a program with capabilities of its own. */
export function openDescriptors(): number[] {
  try {
    return readdirSync("/proc/self/fd").map(Number);
  } catch {
    return [];
  }
}

/** Whether this system is one whose calls are known here. */
export function canSteer(): boolean {
  return process.platform === "linux" && ["x64", "arm64"].includes(process.arch);
}

function steerGroup(calls: SocketCalls, sockets: readonly number[], toward: Steering): boolean {
  const [socket = -1] = sockets;
  if (toward === "all") return calls.setOption(socket, detachProgram, new Uint8Array(4)) === 0;
  const older = Math.floor(sockets.length / 2);
  const program = toward === "younger" ? anyFrom(older, sockets.length) : placeOf(older);
  return calls.setOption(socket, attachProgram, encodeProgram(program, calls)) === 0;
}

/** The listening sockets of this process on a port, by address; one call reaches all of an address. */
function groupsOn(port: number, calls: SocketCalls): Map<string, number[]> {
  const groups = new Map<string, number[]>();
  for (const socket of calls.descriptors()) {
    const address = listeningAt(socket, calls);
    if (address === undefined || portOf(address) !== port) continue;
    const key = address.join(".");
    groups.set(key, [...(groups.get(key) ?? []), socket]);
  }
  return groups;
}

function listeningAt(socket: number, calls: SocketCalls): Uint8Array | undefined {
  const value = new Uint8Array(4);
  if (calls.getOption(socket, isListening, value) !== 0 || value[0] !== 1) return undefined;
  const address = new Uint8Array(128);
  return calls.getName(socket, address) === 0 ? address : undefined;
}

/** Both families have it in the same place, in the network's order of bytes. */
function portOf(address: Uint8Array): number {
  return new DataView(address.buffer).getUint16(2);
}

/** One step of a classic BPF program. */
type Step = readonly [code: number, value: number];

/** A random place from the first to before the end. */
function anyFrom(first: number, end: number): readonly Step[] {
  return [
    [0x20, 0xff_ff_f0_38], // A = a random number
    [0x94, end - first], // A = A % count
    [0x04, first], // A = A + first
    [0x16, 0], // return A
  ];
}

function placeOf(place: number): readonly Step[] {
  return [[0x06, place]]; // return it
}

/** A `sock_fprog` with its steps behind it; in one piece, so that none of it is collected while the call lasts. */
function encodeProgram(steps: readonly Step[], calls: SocketCalls): Uint8Array {
  const headerSize = 16;
  const bytes = new Uint8Array(256);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, steps.length, true);
  view.setBigUint64(8, calls.addressOf(bytes) + BigInt(headerSize), true);
  for (const [index, [code, value]] of steps.entries()) {
    view.setUint16(headerSize + index * 8, code, true);
    view.setUint32(headerSize + index * 8 + 4, value, true);
  }
  return bytes.subarray(0, headerSize);
}
