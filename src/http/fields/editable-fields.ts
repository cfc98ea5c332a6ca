import { hopByHop } from "./hop-by-hop.ts";

/** Fields that say where a message ends and how its bytes are to be read: only who sends the bytes can know. */
const framing = new Set([...hopByHop, "content-length", "content-encoding"]);

const forwarding = /^(?:host|via|forwarded|x-forwarded-.*|x-real-ip|x-request-id)$/;

/** Whether a filter may change this field of requests: not those of framing, nor those that we vouch for in any spelling. */
export function isEditableInRequests(name: string): boolean {
  const canonical = name.toLowerCase().replaceAll(/[_.]/g, "-");
  return !framing.has(canonical) && !forwarding.test(canonical);
}

/** Whether a filter may change this field of answers. */
export function isEditableInAnswers(name: string): boolean {
  return !framing.has(name.toLowerCase());
}
