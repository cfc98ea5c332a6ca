/**
 * What a failure counts as in the average of response times, ms: a server that fails fast must not look fast, or it would
 * draw all the traffic.
 *
 * Source: linkerd2-proxy's failure penalty.
 */
export const failurePenaltyMs = 1000;
