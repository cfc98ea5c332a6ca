import type { Tally } from "../../board/tallies.ts";
import { durationEdges, tallyCodes } from "../../board/tally-codes.ts";
import type { Labels, Metric, Sample } from "./text.ts";
import { type MetricsSource, serversIn } from "./source.ts";

/** Tallies under the same labels, added up: what two threads made at once, and all that is no longer configured. */
interface Group {
  readonly labels: Labels;
  tally: Tally;
}

/** What the board counted of exchanges. */
export function exchangeMetrics(source: MetricsSource): Metric[] {
  const all = groupBy(namedTallies(source), (labels) => labels);
  const ofRoutes = groupBy(all, ({ route = "" }) => ({ route }));
  const ofServers = groupBy(all, ({ upstream = "", server = "" }) => ({ upstream, server }));
  return [
    {
      name: "headgate_requests_total",
      type: "counter",
      help: "Requests that were answered, by route, the server that was asked last, and status.",
      samples: all.flatMap(codeSamples),
    },
    histogram(
      "headgate_request_duration_seconds",
      "From a request's arrival to its last byte, by route.",
      ofRoutes,
    ),
    histogram(
      "headgate_server_duration_seconds",
      "The same time, by the server that was asked last.",
      ofServers.filter(({ labels }) => labels["server"] !== ""),
    ),
    bytes("received", all, "bytesIn"),
    bytes("sent", all, "bytesOut"),
  ];
}

/** Whatever the configuration does not have any more is named by nothing. */
function namedTallies(source: MetricsSource): Group[] {
  const { board, running } = source;
  const routes = new Map(Object.entries(running.snapshot.routes).map(([name, number]) => [number, name]));
  const servers = new Map(serversIn(source).map((server) => [server.row, server]));
  return board.readTallies().map((tally) => {
    const { upstream = "", server = "" } = servers.get(tally.row) ?? {};
    return { tally, labels: { route: routes.get(tally.route) ?? "", upstream, server } };
  });
}

function groupBy(all: readonly Group[], labelsOf: (labels: Labels) => Labels): Group[] {
  const found = new Map<string, Group>();
  for (const { tally, labels: finer } of all) {
    const labels = labelsOf(finer);
    const key = JSON.stringify(labels);
    const group = found.get(key);
    if (group) group.tally = addTallies(group.tally, tally);
    else found.set(key, { labels, tally });
  }
  return [...found.values()];
}

function addTallies(a: Tally, b: Tally): Tally {
  return {
    route: a.route,
    row: a.row,
    codes: addAll(a.codes, b.codes),
    buckets: addAll(a.buckets, b.buckets),
    durationMs: a.durationMs + b.durationMs,
    bytesIn: a.bytesIn + b.bytesIn,
    bytesOut: a.bytesOut + b.bytesOut,
  };
}

function addAll(all: readonly number[], others: readonly number[]): number[] {
  return all.map((value, place) => value + (others[place] ?? 0));
}

function codeSamples({ labels, tally }: Group): Sample[] {
  return tally.codes.flatMap((value, place) =>
    value === 0 ? [] : [{ labels: { ...labels, code: tallyCodes[place] ?? "" }, value }],
  );
}

function histogram(name: string, help: string, all: readonly Group[]): Metric {
  return { name, type: "histogram", help, samples: all.flatMap(histogramSamples) };
}

function histogramSamples({ labels, tally: { buckets, durationMs } }: Group): Sample[] {
  let count = 0;
  const steps = buckets.map((inBucket, place): Sample => {
    count += inBucket;
    return { suffix: "_bucket", labels: { ...labels, le: edge(place) }, value: count };
  });
  return [
    ...steps,
    { suffix: "_sum", labels, value: durationMs / 1000 },
    { suffix: "_count", labels, value: count },
  ];
}

function edge(place: number): string {
  const seconds = durationEdges[place];
  return seconds === undefined ? "+Inf" : String(seconds);
}

function bytes(way: "received" | "sent", all: readonly Group[], of: "bytesIn" | "bytesOut"): Metric {
  return {
    name: `headgate_${way}_bytes_total`,
    type: "counter",
    help: `Bytes of bodies that were ${way}, as clients see it; headers are not counted.`,
    samples: all.map(({ labels, tally }) => ({ labels, value: tally[of] })),
  };
}
