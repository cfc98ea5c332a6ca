/** What brings a file from one version to the next, in order. Never change one that was released: add another. */
export const migrations: readonly string[] = [
  `
  CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

  CREATE TABLE overrides (
    upstream TEXT NOT NULL, server TEXT NOT NULL,
    weight REAL, state TEXT, set_at INTEGER NOT NULL,
    PRIMARY KEY (upstream, server)
  ) WITHOUT ROWID;

  -- Under another URL it is another server.
  CREATE TABLE servers (
    upstream TEXT NOT NULL, server TEXT NOT NULL, url TEXT NOT NULL,
    totals TEXT, health TEXT, seen_at INTEGER NOT NULL,
    PRIMARY KEY (upstream, server, url)
  ) WITHOUT ROWID;

  -- What a series is about; server '' = the whole upstream, upstream '' = everything.
  CREATE TABLE subjects (
    id INTEGER PRIMARY KEY, upstream TEXT NOT NULL, server TEXT NOT NULL,
    UNIQUE (upstream, server)
  );

  -- One point a minute, \`at\` = its beginning, ms since 1970; times in ms, sizes in bytes.
  CREATE TABLE series (
    subject INTEGER NOT NULL, at INTEGER NOT NULL,
    requests INTEGER NOT NULL, errors INTEGER NOT NULL,
    bytes_in INTEGER NOT NULL, bytes_out INTEGER NOT NULL,
    inflight INTEGER NOT NULL, load REAL, p50 REAL, p95 REAL, p99 REAL,
    PRIMARY KEY (subject, at)
  ) WITHOUT ROWID;

  CREATE TABLE bans (
    client TEXT PRIMARY KEY, until INTEGER NOT NULL, reason TEXT NOT NULL, refusals INTEGER NOT NULL
  ) WITHOUT ROWID;
  `,
];
