/** What a server may be, in the words of the admin API; a new row is up. */
export type ServerState = "up" | "down" | "ejected" | "draining";

const states: readonly ServerState[] = ["up", "down", "ejected", "draining"];

/** The small number that stands for a state on the board. */
export function toStateWord(state: ServerState): number {
  return states.indexOf(state);
}

/** The state that a word of the board stands for. */
export function toServerState(word: number): ServerState {
  return states[word] ?? "down";
}
