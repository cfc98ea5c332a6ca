/** Says in the log which filter failed, and how. */
export function describeFilterError(name: string, error: unknown): string {
  const what = error instanceof Error ? error.message : String(error);
  return `Cannot apply the filter "${name}": ${what}`;
}
