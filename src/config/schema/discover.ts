import * as v from "valibot";
import { isDnsName } from "../dns-name.ts";
import { parseNameServer } from "../name-server.ts";
import { block, checked, choice, listOf, wholeNumber, wordOf } from "./forms.ts";
import { port } from "./http-words.ts";
import { positiveDuration } from "./quantities.ts";

const dnsName = checked("a DNS name such as app.internal", isDnsName);

const nameServer = checked(
  "a name server's IP address, or address:port",
  (text) => parseNameServer(text) !== undefined,
);

const scheme = wordOf("http", "https");

const dns = block({
  name: dnsName,
  type: v.optional(wordOf("auto", "A", "AAAA", "SRV"), "auto"),
  port: v.exactOptional(port),
  scheme: v.optional(scheme, "http"),
  interval: v.optional(positiveDuration, "10s"),
  nameServers: v.optional(listOf(nameServer), []),
});

const kubernetesService = checked("a service as namespace/name", (value) =>
  /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?\/[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(value),
);

const portName = checked("a port, or the name of one", (value) => /^[a-z0-9-]*[a-z][a-z0-9-]*$/.test(value));

const kubernetes = block({
  service: kubernetesService,
  port: choice([portName, port], (input) => (/^\d*$/.test(String(input)) ? 1 : 0)),
  scheme: v.optional(scheme, "http"),
});

/** Where an upstream's servers are found. */
export const discoverSchema = block({
  dns: v.exactOptional(dns),
  kubernetes: v.exactOptional(kubernetes),
  maxServers: v.optional(wholeNumber({ min: 1, max: 4096 }), 100),
  maxConnections: v.optional(wholeNumber({ min: 0, max: 1_000_000 }), 0),
});
