import * as v from "valibot";
import { block, flag, mapOf, someOf, wordOf } from "./forms.ts";
import { bind, cidrs, fileName, name } from "./http-words.ts";
import { duration } from "./quantities.ts";

const certificate = block({ cert: fileName, key: fileName });

const clientAuth = block({ ca: fileName, required: v.optional(flag, true) });

const listenerTls = block({
  certificates: someOf(certificate),
  minVersion: v.optional(wordOf("1.2", "1.3"), "1.2"),
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
