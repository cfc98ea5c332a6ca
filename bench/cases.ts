import type { BenchCase } from "./bench-case.ts";
import { download } from "./cases/download.ts";
import { flood } from "./cases/flood.ts";
import { memoryDownload } from "./cases/memory-download.ts";
import { memoryIdle } from "./cases/memory-idle.ts";
import { memoryUpload } from "./cases/memory-upload.ts";
import { oneMegabyte } from "./cases/one-megabyte.ts";
import { refuse } from "./cases/refuse.ts";
import { routes } from "./cases/routes.ts";
import { small } from "./cases/small.ts";
import { tenKilobytes } from "./cases/ten-kilobytes.ts";
import { upload } from "./cases/upload.ts";
import { workers } from "./cases/workers.ts";

/** Every case, in the order of a run. */
export const cases: readonly BenchCase[] = [
  small,
  tenKilobytes,
  oneMegabyte,
  download,
  upload,
  routes,
  workers,
  memoryIdle,
  memoryDownload,
  memoryUpload,
  refuse,
  flood,
];
