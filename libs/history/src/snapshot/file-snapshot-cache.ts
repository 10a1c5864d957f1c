import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { SnapshotCache, SnapshotKey, SnapshotPart } from './snapshot-cache.js';

const FILE = /^(\d{12})\.(state|rest)$/;

/**
 * Snapshots as files, for their owner only: `FOLDER/STREAM/REVISION.PART`. Not a database: what is removed from a file
 * system is gone, and a file that is damaged harms no other.
 */
export class FileSnapshotCache implements SnapshotCache {
  /** @param folder need not exist */
  constructor(private readonly folder: string) {}

  async revisions(stream: string, part: SnapshotPart): Promise<readonly number[]> {
    const names = await readdir(join(this.folder, stream)).catch(noneIfAbsent);
    return (names ?? [])
      .map((name) => FILE.exec(name))
      .filter((found) => found?.[2] === part)
      .map((found) => Number(found?.[1]))
      .sort((a, b) => a - b);
  }

  async read(key: SnapshotKey): Promise<Uint8Array | undefined> {
    return readFile(this.#path(key)).catch(noneIfAbsent);
  }

  async write(key: SnapshotKey, bytes: Uint8Array): Promise<void> {
    await mkdir(join(this.folder, key.stream), { recursive: true, mode: 0o700 });
    const path = this.#path(key);
    // No fsync: what a power cut makes of a file is found when it is read, and costs a replay.
    const fresh = `${path}.${process.pid}.new`;
    await rm(fresh, { force: true });
    await writeFile(fresh, bytes, { flag: 'wx', mode: 0o600 });
    await rename(fresh, path);
  }

  async remove(key: SnapshotKey): Promise<void> {
    await rm(this.#path(key), { force: true });
  }

  async discard(stream: string): Promise<void> {
    await rm(join(this.folder, stream), { recursive: true, force: true });
  }

  #path({ stream, revision, part }: SnapshotKey): string {
    return join(this.folder, stream, `${String(revision).padStart(12, '0')}.${part}`);
  }
}

function noneIfAbsent(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
}
