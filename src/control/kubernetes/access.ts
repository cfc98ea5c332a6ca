import type { ClientTls } from "../../runtime/client.ts";

/** How an API server is reached, and who asks. */
export interface KubernetesAccess {
  /** Where that is written, for people. */
  readonly origin: string;
  /** `https://host:port`, without a slash at the end. */
  readonly url: string;
  /** The namespace that we are in, or stand for. */
  readonly namespace: string;
  /** Undefined where it is plaintext. Read anew for each set of connections. */
  tls(): Promise<ClientTls | undefined>;
  /** The token to show; undefined where none is asked for. `isRefused` says that the last one was of no use. */
  token(isRefused: boolean): Promise<string | undefined>;
}
