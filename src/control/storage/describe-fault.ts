/** What people are told of a fault of SQLite's, by what its message says; Deno has no codes for them. */
const words: readonly (readonly [RegExp, string])[] = [
  [/not a database|malformed|corrupt/i, "the file is damaged, or is no SQLite database"],
  [/locked|busy/i, "the file is locked: another proxy, or another program, has it open"],
  [/full/i, "the disk is full"],
  [/readonly|read-only|read only|EACCES|EROFS|EPERM/i, "the file may not be written"],
  [/unable to open|ENOENT|ENOTDIR|EISDIR/i, "the file cannot be opened"],
  [/disk i\/o/i, "the disk cannot be read or written"],
];

/** Why the file cannot be used, in one line. */
export function describeStorageFault(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return words.find(([pattern]) => pattern.test(message))?.[1] ?? message;
}
