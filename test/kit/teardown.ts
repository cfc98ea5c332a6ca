/** The part of `node:test`'s context that the kit needs: what is registered here runs when the test has ended. */
export interface Teardown {
  after(run: () => unknown): void;
}
