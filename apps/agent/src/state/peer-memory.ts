import { z } from 'zod';
import type { StateDirectory } from '#host';
import type { PeerPresence } from '#wire';
import { JsonFile } from './json-file.js';

const FILE = 'peers.json';

const Known = z.record(
  z.string(),
  z.object({
    /** Where it could last be reached, best first. */
    endpoints: z.array(z.string()),
    /** Whether there was a session with it. */
    inUse: z.boolean(),
  }),
);
type Known = z.infer<typeof Known>;

/**
 * What is worth knowing of peers at the next start, should the control plane be away then: how to reach them, and whom
 * this node was talking to. It may be stale, and it may be lost.
 */
export class PeerMemory {
  #saving: Promise<void> | undefined;
  #dirty = false;

  private constructor(
    readonly file: JsonFile<Known>,
    readonly known: Map<string, Known[string]>,
  ) {}

  static async open(directory: StateDirectory): Promise<PeerMemory> {
    const file = await JsonFile.open<Known>(directory, FILE, Known, {}).catch(async () => {
      await directory.remove(FILE);
      return JsonFile.open<Known>(directory, FILE, Known, {});
    });
    return new PeerMemory(file, new Map(Object.entries(file.value)));
  }

  /** As presence, for everybody who was seen last time. */
  get presence(): PeerPresence[] {
    return [...this.known].map(([nodeId, { endpoints }]) => ({ nodeId, endpoints, online: false, lastSeen: 0 }));
  }

  /** The ids of those whom this node was talking to. */
  get inUse(): Set<string> {
    return new Set([...this.known].filter(([, { inUse }]) => inUse).map(([nodeId]) => nodeId));
  }

  learn(presence: readonly PeerPresence[]): void {
    for (const { nodeId, endpoints } of presence) {
      if (endpoints.length > 0) this.#change(nodeId, { endpoints: [...endpoints] });
    }
  }

  /** A session with the peer began, on this path, or the last one ended. */
  note(nodeId: string, inUse: boolean, path: string | undefined): void {
    const { endpoints } = this.#of(nodeId);
    this.#change(nodeId, {
      inUse,
      endpoints: path ? [path, ...endpoints.filter((other) => other !== path)] : endpoints,
    });
  }

  /** Forgets everybody else. */
  retain(nodeIds: ReadonlySet<string>): void {
    for (const nodeId of this.known.keys()) if (!nodeIds.has(nodeId)) this.known.delete(nodeId);
  }

  /** Resolves when the disk has what was learned. */
  async flush(): Promise<void> {
    await this.#saving;
  }

  #of(nodeId: string): Known[string] {
    return this.known.get(nodeId) ?? { endpoints: [], inUse: false };
  }

  #change(nodeId: string, change: Partial<Known[string]>): void {
    this.known.set(nodeId, { ...this.#of(nodeId), ...change });
    this.#dirty = true;
    this.#saving ??= this.#save();
  }

  async #save(): Promise<void> {
    while (this.#dirty) {
      this.#dirty = false;
      // It is a convenience: a full disk must not get in the way, and the cache of the netmap reports it.
      await this.file.save(Object.fromEntries(this.known)).catch(() => {});
    }
    this.#saving = undefined;
  }
}
