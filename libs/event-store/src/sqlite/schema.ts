/** `PRAGMA application_id` of a ledger: "ntfd" in ASCII. */
export const APPLICATION_ID = 0x6e746664;

/** `PRAGMA user_version`: the version of the tables below. A store opens its own version and older ones. */
export const SCHEMA_VERSION = 1;

/**
 * `events.body` is the text that `events.hash` covers, so that the file can be checked by hand. `heads` repeats
 * the last event of each stream: opening the store compares the two.
 */
export const SCHEMA = `
  CREATE TABLE events (
    position INTEGER PRIMARY KEY,
    stream   TEXT NOT NULL,
    revision INTEGER NOT NULL,
    hash     TEXT NOT NULL,
    body     TEXT NOT NULL,
    UNIQUE (stream, revision)
  ) STRICT;
  CREATE TABLE heads (
    stream   TEXT PRIMARY KEY,
    revision INTEGER NOT NULL,
    hash     TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE checkpoints (
    name     TEXT PRIMARY KEY,
    position INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  PRAGMA application_id = ${APPLICATION_ID};
  PRAGMA user_version = ${SCHEMA_VERSION};
`;
