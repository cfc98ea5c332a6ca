import { createScript } from "./script.ts";

/** The secrets that we make ourselves: 256 bits. */
const secretPattern = /^[\w-]{43}$/;

/**
 * Offers a secret, and gives the one that all nodes use: whoever comes first gives his. What is there and is no secret of
 * ours is left alone, and "" given.
 *
 * KEYS: the secret. ARGV: this node's, for how many ms it is kept.
 */
export const secretScript = createScript(`
redis.call('SET', KEYS[1], ARGV[1], 'NX')
if redis.call('STRLEN', KEYS[1]) ~= #ARGV[1] then return '' end
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return redis.call('GET', KEYS[1])`);

/** The secret that the script gives; undefined where that is none. */
export function readSecret(reply: unknown): string | undefined {
  return typeof reply === "string" && secretPattern.test(reply) ? reply : undefined;
}
