/** Whether the program is a compiled binary, whose modules live inside it. */
export function isCompiled(): boolean {
  return import.meta.url.startsWith("file:///$bunfs/") || import.meta.url.startsWith("file:///B:/~BUN/");
}
