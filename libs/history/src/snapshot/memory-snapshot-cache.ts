import type { SnapshotCache, SnapshotKey, SnapshotPart } from './snapshot-cache.js';

/** Snapshots that are gone with the process. */
export class MemorySnapshotCache implements SnapshotCache {
  readonly #streams = new Map<string, Map<string, Uint8Array>>();

  async revisions(stream: string, part: SnapshotPart): Promise<readonly number[]> {
    const names = [...(this.#streams.get(stream)?.keys() ?? [])].map((name) => name.split('.'));
    return names
      .filter(([, of]) => of === part)
      .map(([revision]) => Number(revision))
      .sort((a, b) => a - b);
  }

  async read({ stream, revision, part }: SnapshotKey): Promise<Uint8Array | undefined> {
    return this.#streams.get(stream)?.get(`${revision}.${part}`);
  }

  async write({ stream, revision, part }: SnapshotKey, bytes: Uint8Array): Promise<void> {
    const kept = this.#streams.get(stream) ?? new Map<string, Uint8Array>();
    this.#streams.set(stream, kept.set(`${revision}.${part}`, Uint8Array.from(bytes)));
  }

  async remove({ stream, revision, part }: SnapshotKey): Promise<void> {
    this.#streams.get(stream)?.delete(`${revision}.${part}`);
  }

  async discard(stream: string): Promise<void> {
    this.#streams.delete(stream);
  }
}
