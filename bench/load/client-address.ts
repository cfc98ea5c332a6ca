import type { Clients } from "./load-plan.ts";

/** The address of one of the clients; behind the last comes the first again. */
export function clientAddress({ prefix, count }: Clients, index: number): string {
  const own = index % count;
  return `${prefix}.${own >> 8}.${own & 255}`;
}
