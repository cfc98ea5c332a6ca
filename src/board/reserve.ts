/**
 * Zeroed shared memory that the system commits only where it is touched, rounded up to 64 KiB.
 *
 * A large `new SharedArrayBuffer` is cleared by hand when the heap is warm (Bun 1.4: 800 MB became resident, in two
 * seconds), and a growable one makes each access four times slower (Deno 2.9). The memory of WebAssembly has neither
 * fault, but costs gigabytes of address space for its guard pages: hence only where it matters, and the plain kind where
 * the address space is limited.
 */
export function reserveShared(bytes: number): SharedArrayBuffer {
  const pages = Math.ceil(bytes / pageBytes);
  if (bytes < largeBytes) return new SharedArrayBuffer(pages * pageBytes);
  try {
    const memory: { buffer: unknown } = new WebAssembly.Memory({
      initial: pages,
      maximum: pages,
      shared: true,
    });
    return memory.buffer as SharedArrayBuffer;
  } catch {
    return new SharedArrayBuffer(pages * pageBytes);
  }
}

const pageBytes = 65_536;
const largeBytes = 32 * 2 ** 20;
