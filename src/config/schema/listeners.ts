import * as v from "valibot";
import { block, choice, flag, mapOf, someOf, wordOf } from "./forms.ts";
import { bind, cidrs, fileName, name } from "./http-words.ts";
import { duration } from "./quantities.ts";

const certificate = block({ cert: fileName, key: fileName });

const clientAuth = block({ ca: fileName, required: v.optional(flag, true) });

const plainVersion = v.pipe(
  v.picklist([1.2, 1.3]),
  v.transform((value) => String(value) as "1.2" | "1.3"),
);

/** Without quotes, YAML reads a version as a number. */
const tlsVersion = choice(
  [wordOf("1.2", "1.3"), plainVersion],
  (input) => (typeof input === "number" ? 1 : 0),
  () => '"1.2" or "1.3"',
);

const listenerTls = block({
  certificates: someOf(certificate),
  minVersion: v.optional(tlsVersion, "1.2"),
  clientAuth: v.exactOptional(clientAuth),
});

/** One address that we accept on; HTTP/2 is on where there is TLS, unless it says otherwise. */
export const listenerSchema = v.pipe(
  block({
    bind,
    http2: v.exactOptional(flag),
    trustedProxies: v.optional(cidrs, []),
    idleTimeout: v.optional(duration, "75s"),
    tls: v.exactOptional(listenerTls),
  }),
  v.transform((listener) => ({ ...listener, http2: listener.http2 ?? listener.tls !== undefined })),
);

/** The listeners by name. */
export const listenersSchema = mapOf(name, listenerSchema);
