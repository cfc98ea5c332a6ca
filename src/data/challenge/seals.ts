import { createHmac, timingSafeEqual } from "node:crypto";

/** What a seal is put on: a challenge that a client shall solve, or the clearance that it gets for that. */
export type SealKind = "challenge" | "clearance";

/** What a seal says; nobody keeps it but the client. */
export interface Seal {
  /** Wall clock, whole seconds. */
  readonly untilSeconds: number;
  /** How many leading zero bits were asked for. */
  readonly difficulty: number;
  /** Tells two seals of one client apart: letters and digits. */
  readonly id: string;
}

/** Makes and reads seals that only we can make. */
export interface Seals {
  /** Seals something for the clients of a prefix. */
  close(kind: SealKind, client: string, seal: Seal): string;
  /** Reads a seal; undefined where we did not make it, for this prefix, or its time is up. */
  open(kind: SealKind, client: string, text: string): Seal | undefined;
}

const macLength = 22; // 132 bits
const shape = /^([0-9a-z]{1,8})\.(\d{1,2})\.([0-9a-z]{1,12})\.([\w-]{22})$/;

/** Seals with a key that is derived from a secret of the snapshot: all workers, and nodes that share it, agree. `now` is the wall clock, ms. */
export function createSeals(secret: string, now: () => number): Seals {
  const key = createHmac("sha256", secret).update("headgate challenges").digest();

  function macOf(kind: SealKind, client: string, said: string): string {
    return createHmac("sha256", key)
      .update(`${kind}\n${client}\n${said}`)
      .digest("base64url")
      .slice(0, macLength);
  }

  return {
    close(kind, client, { untilSeconds, difficulty, id }) {
      const said = `${untilSeconds.toString(36)}.${difficulty}.${id}`;
      return `${said}.${macOf(kind, client, said)}`;
    },
    open(kind, client, text) {
      const [, until = "", difficulty = "", id = "", mac = ""] = shape.exec(text) ?? [];
      const untilSeconds = Number.parseInt(until, 36);
      if (!(untilSeconds * 1000 > now())) return undefined; // NaN too
      if (!isSame(mac, macOf(kind, client, text.slice(0, -macLength - 1)))) return undefined;
      return { untilSeconds, difficulty: Number(difficulty), id };
    },
  };
}

/** In constant time: where a forged seal begins to be wrong stays untold. */
function isSame(given: string, made: string): boolean {
  return timingSafeEqual(Buffer.from(given), Buffer.from(made));
}
