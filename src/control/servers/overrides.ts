/** Which server is meant. */
export interface ServerName {
  readonly upstream: string;
  readonly server: string;
}

/** What a person said of a server by the admin: it goes before the configuration until it is undone. */
export interface Override {
  /** 0..256; undefined = as configured. */
  readonly weight?: number | undefined;
  /** undefined = as health has it. */
  readonly state?: "drain" | "down" | undefined;
  /** Wall clock, ms since 1970. */
  readonly setAt: number;
}

/** What a person wants changed; "up" takes a drain or a down back. */
export interface OverrideChange {
  readonly weight?: number | undefined;
  readonly state?: "up" | "drain" | "down" | undefined;
}

/** All that people said of servers. It stays when the configuration drops a server, and holds again when that comes back. */
export class Overrides {
  readonly #byServer = new Map<string, Override>();

  /** What was said of a server; undefined where the configuration alone speaks. */
  of(name: ServerName): Override | undefined {
    return this.#byServer.get(keyOf(name));
  }

  /** Says something, or (undefined) takes back all that was said. */
  set(name: ServerName, override: Override | undefined): void {
    if (override === undefined) this.#byServer.delete(keyOf(name));
    else this.#byServer.set(keyOf(name), override);
  }

  /** All that was said. */
  entries(): [ServerName, Override][] {
    return [...this.#byServer].map(([key, override]) => {
      const [upstream = "", server = ""] = JSON.parse(key) as string[];
      return [{ upstream, server }, override];
    });
  }
}

/** What an override is after a change; undefined where nothing is left of it. */
export function changeOverride(
  known: Override | undefined,
  change: OverrideChange,
  setAt: number,
): Override | undefined {
  const { weight, state = "up" } = { ...known, ...change };
  if (state !== "up") return { weight, state, setAt };
  return weight === undefined ? undefined : { weight, setAt };
}

/** What holds for a server: a person's word, else what is configured. */
export function resolveOverride(
  override: Override | undefined,
  configured: { readonly weight: number },
): { readonly weight: number; readonly order: "up" | "drain" | "down" } {
  return { weight: override?.weight ?? configured.weight, order: override?.state ?? "up" };
}

function keyOf({ upstream, server }: ServerName): string {
  return JSON.stringify([upstream, server]);
}
