/** Over how long requests and retries are counted, in seconds. */
export const retryBudgetSeconds = 10;

/** So many retries are always allowed, so that an upstream with little traffic gets any. */
const leastRetries = 3;

/** What an upstream saw in the last `retryBudgetSeconds`. */
export interface RecentAttempts {
  /** Attempts that ended, retries included. */
  readonly attempts: number;
  /** Attempts beyond the first of their request, hedges included. */
  readonly retries: number;
}

/**
 * Whether one retry more stays within the budget: this share, 0..1, of the requests of the last seconds.
 *
 * So when all servers fail, they get that much more load, and not a multiple.
 *
 * Source: Finagle's RetryBudget, Envoy's retry_budget.
 */
export function mayRetryWithin(budgetRatio: number, { attempts, retries }: RecentAttempts): boolean {
  const requests = Math.max(0, attempts - retries);
  return retries < Math.max(leastRetries, Math.floor(budgetRatio * requests));
}
