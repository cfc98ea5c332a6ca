/** One member of an upstream, with all that an attempt needs worked out when the snapshot was made. */
export interface Server {
  readonly name: string;
  /** Its place in the upstream. */
  readonly place: number;
  /** Its row on the board. */
  readonly row: number;
  /** Scheme and authority without a trailing slash: a canonical path can be put behind it. */
  readonly origin: string;
  /** The same for WebSockets. */
  readonly socketOrigin: string;
  /** Without brackets. */
  readonly hostname: string;
  readonly port: number;
  /** Host and, where it is not the scheme's own, port. */
  readonly authority: string;
  /** The field that the URL's user and password make. */
  readonly authorization: string | undefined;
  readonly weight: number;
  readonly isBackup: boolean;
  /** 0 = no limit. */
  readonly maxConnections: number;
}

/** What the configuration says of a server. */
interface ServerSource {
  readonly name: string;
  readonly url: string;
  readonly authorization?: string | undefined;
  readonly weight: number;
  readonly backup: boolean;
  readonly maxConnections: number;
}

/** Prepares a server for its attempts. */
export function createServer(source: ServerSource, place: number, row: number): Server {
  const url = new URL(source.url);
  const defaultPort = url.protocol === "https:" ? 443 : 80;
  return {
    name: source.name,
    place,
    row,
    origin: url.origin,
    socketOrigin: url.origin.replace("http", "ws"),
    hostname: url.hostname.replace(/^\[(.*)\]$/, "$1"),
    port: url.port === "" ? defaultPort : Number(url.port),
    authority: url.host,
    authorization: source.authorization,
    weight: source.weight,
    isBackup: source.backup,
    maxConnections: source.maxConnections,
  };
}
