import type { ClusterStatus } from "../cluster/cluster-status.ts";
import { type MetricsSource, serversIn } from "./source.ts";
import type { Metric } from "./text.ts";

interface Simple extends Omit<Metric, "samples"> {
  readonly value: (cluster: ClusterStatus) => number;
}

const simple: readonly Simple[] = [
  {
    name: "headgate_cluster_connected",
    type: "gauge",
    help: "1 while what nodes share goes through the store; 0 while this node goes on alone.",
    value: ({ connected }) => Number(connected),
  },
  {
    name: "headgate_cluster_nodes",
    type: "gauge",
    help: "Nodes that are alive, this one included.",
    value: ({ nodes }) => 1 + nodes.filter(({ isAlive }) => isAlive).length,
  },
  {
    name: "headgate_cluster_ignored_values_total",
    type: "counter",
    help: "Values in the store that are not ours or make no sense, each time they were met.",
    value: ({ ignored }) => ignored,
  },
  {
    name: "headgate_cluster_leases",
    type: "gauge",
    help: "Keys of limits that nodes share of which this node holds a part.",
    value: ({ leases }) => leases,
  },
];

/** How it stands with the other nodes; nothing without a cluster. */
export function clusterMetrics(source: MetricsSource): Metric[] {
  const { cluster } = source;
  if (!cluster) return [];
  return [
    ...simple.map(({ name, type, help, value }) => ({
      name,
      type,
      help,
      samples: [{ value: value(cluster) }],
    })),
    {
      name: "headgate_cluster_exchanges_total",
      type: "counter",
      help: "Exchanges with the store, by what came of them.",
      samples: [
        { labels: { result: "success" }, value: cluster.exchanges.succeeded },
        { labels: { result: "failure" }, value: cluster.exchanges.failed },
      ],
    },
    {
      name: "headgate_cluster_exchange_seconds",
      type: "gauge",
      help: "How long the last exchange took.",
      samples: cluster.exchangeMs === null ? [] : [{ value: cluster.exchangeMs / 1000 }],
    },
    elsewhere(source),
  ];
}

function elsewhere(source: MetricsSource): Metric {
  return {
    name: "headgate_server_elsewhere_inflight",
    type: "gauge",
    help: "Requests under way to a server by way of other nodes, as it counts for the choice of a server here.",
    samples: serversIn(source).map(({ upstream, server, row }) => ({
      labels: { upstream, server },
      value: source.board.inflightElsewhere(row),
    })),
  };
}
