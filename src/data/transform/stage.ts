import type { EditableFields } from "../../http/fields/field-lines.ts";
import type { CompressionConfig } from "../../config/config.ts";
import { forgetBytes } from "../../http/representation.ts";
import type { Answer } from "./answer.ts";
import type { BodyFilter, BodyStep } from "./body-step.ts";
import { createCompression } from "./compression.ts";
import type { GzipWhole } from "./encoders.ts";
import { chooseDecoder } from "./decoding.ts";
import { openFilters } from "./open-filters.ts";
import { Passage } from "./passage.ts";
import type { ResponseFilter } from "./response-filter.ts";

/**
 * The stage between the server's answer and the client: content filters (`response-filter.ts`), then compression. Made once
 * for each route of a snapshot; a route without it costs nothing, since its answers never come near.
 */
export interface Stage {
  /** Changes the fields of a request so that its answer can be worked on with the least labour. */
  ask(headers: EditableFields): void;
  /** Changes the fields of an answer, and gives the way that its body takes; undefined where its bytes stay as they are. */
  open(answer: Answer): Passage | undefined | Promise<Passage | undefined>;
}

/** What a route does to its answers. */
export interface StagePlan {
  readonly compression: CompressionConfig | false;
  readonly filters: readonly ResponseFilter[];
  /** The runtime's own way to encode short bodies in gzip. */
  readonly gzipWhole?: GzipWhole | undefined;
}

/** Makes the stage of a route; undefined where nothing is to be done. */
export function createStage({ compression, filters, gzipWhole }: StagePlan): Stage | undefined {
  if (compression === false && filters.length === 0) return undefined;
  const compress = compression === false ? undefined : createCompression(compression, gzipWhole);

  function openBody(answer: Answer, parts: readonly (BodyFilter | BodyStep)[]): Passage | undefined {
    const isFiltered = parts.length > 0;
    const decode = chooseDecoder(answer, { isFiltered, isNegotiated: compress !== undefined });
    if (isFiltered) forgetBytes(answer.headers);
    const encoder = compress?.(decode ? { ...answer, lengthBytes: Number.NaN } : answer);
    const isTouched = isFiltered || decode !== undefined || encoder !== undefined;
    return isTouched && answer.hasBody ? new Passage({ decode, filters: parts, encoder }) : undefined;
  }

  return {
    ask: filters.some((filter) => filter.body !== undefined) ? askForPlainBody : () => {},
    open(answer) {
      if (filters.length === 0) return openBody(answer, []);
      const parts = openFilters(filters, answer);
      return parts instanceof Promise ? parts.then((all) => openBody(answer, all)) : openBody(answer, parts);
    },
  };
}

/**
 * What filters look into must be plain, or it would have to be decoded first, and whole: a part of a document shows what
 * they were to take out of it. Without filters the server gets the client's own wishes: what it encodes itself, and may have
 * at hand encoded, costs us nothing.
 */
function askForPlainBody(headers: EditableFields): void {
  headers.set("accept-encoding", "identity");
  headers.delete("range");
  headers.delete("if-range");
}
