import assert from "node:assert/strict";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { DatabaseSync } from "node:sqlite";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

import { Database } from "../../../src/control/storage/database.ts";
import { describeStorageFault } from "../../../src/control/storage/describe-fault.ts";
import type { Teardown } from "../../kit/teardown.ts";

async function createPath(t: Teardown): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "headgate-storage-"));
  t.after(() => rm(directory, { recursive: true, force: true }));
  return join(directory, "headgate.db");
}

function faultOf(run: () => unknown): string {
  try {
    run();
    return "";
  } catch (error) {
    return describeStorageFault(error);
  }
}

test("another program's database is left alone", async (t) => {
  const path = await createPath(t);
  const other = new DatabaseSync(path);
  other.exec("CREATE TABLE songs (name TEXT)");
  other.close();
  assert.equal(
    faultOf(() => new Database(path)),
    "it is the database of another program",
  );
  const again = new DatabaseSync(path);
  assert.equal(again.prepare("SELECT count(*) AS n FROM sqlite_schema").get()?.["n"], 1);
  again.close();
});

test("a file of a later version is left alone", async (t) => {
  const path = await createPath(t);
  new Database(path).close();
  const later = new DatabaseSync(path);
  later.exec("PRAGMA user_version = 99");
  later.close();
  assert.match(
    faultOf(() => new Database(path)),
    /version 99, and this program knows \d/,
  );
});

test("a new file is for its owner alone", async (t) => {
  const path = await createPath(t);
  const database = new Database(path);
  assert.equal((await stat(path)).mode & 0o777, 0o600);
  assert.equal((await stat(`${path}-wal`)).mode & 0o777, 0o600);
  database.close();
});

test("a file belongs to one process", async (t) => {
  const path = await createPath(t);
  const first = new Database(path);
  assert.match(
    faultOf(() => new Database(path)),
    /locked: another proxy/,
  );
  first.close();
  new Database(path).close();
});

test("a change happens whole or not at all", async (t) => {
  const database = new Database(await createPath(t));
  const insert = () => database.prepare("INSERT INTO facts VALUES ('a', 'b')").run();
  assert.throws(() =>
    database.transact(() => {
      insert();
      throw new Error("no");
    }),
  );
  assert.equal(database.prepare("SELECT count(*) AS n FROM facts").get()?.["n"], 0);
  database.sealed(insert);
  assert.equal(database.prepare("SELECT count(*) AS n FROM facts").get()?.["n"], 1);
  database.close();
});

test("a directory that is not there is told", () => {
  assert.match(
    faultOf(() => new Database("/nowhere/at/all/headgate.db")),
    /cannot be opened/,
  );
});

test("a file that turns out not to be writable is told", async (t) => {
  const path = await createPath(t);
  const plain = new DatabaseSync(path);
  plain.exec("CREATE TABLE a (b)");
  plain.close();
  const closed = new DatabaseSync(path, { readOnly: true });
  assert.equal(
    faultOf(() => closed.exec("INSERT INTO a VALUES (1)")),
    "the file may not be written",
  );
  closed.close();
});
