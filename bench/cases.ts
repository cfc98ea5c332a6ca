import type { BenchCase } from "./bench-case.ts";
import { connections } from "./cases/connections.ts";
import { download } from "./cases/download.ts";
import { everything } from "./cases/everything.ts";
import { flood } from "./cases/flood.ts";
import { gzip } from "./cases/gzip.ts";
import { h2 } from "./cases/h2.ts";
import { idleConnections } from "./cases/idle-connections.ts";
import { memoryDownload } from "./cases/memory-download.ts";
import { memoryIdle } from "./cases/memory-idle.ts";
import { memoryUpload } from "./cases/memory-upload.ts";
import { observe } from "./cases/observe.ts";
import { oneMegabyte } from "./cases/one-megabyte.ts";
import { refuse } from "./cases/refuse.ts";
import { routes } from "./cases/routes.ts";
import { servers } from "./cases/servers.ts";
import { small } from "./cases/small.ts";
import { tenKilobytes } from "./cases/ten-kilobytes.ts";
import { tls, tlsHandshake } from "./cases/tls.ts";
import { upload } from "./cases/upload.ts";
import { webSocket } from "./cases/web-socket.ts";
import { workers } from "./cases/workers.ts";

/** Every case, in the order of a run. */
export const cases: readonly BenchCase[] = [
  small,
  tenKilobytes,
  oneMegabyte,
  download,
  upload,
  connections,
  tls,
  tlsHandshake,
  h2,
  webSocket,
  gzip,
  routes,
  servers,
  everything,
  observe,
  workers,
  idleConnections,
  memoryIdle,
  memoryDownload,
  memoryUpload,
  refuse,
  flood,
];
