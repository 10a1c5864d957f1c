import { z } from 'zod';
import type { StateDirectory } from '#host';
import type { PeerPresence } from '#wire';
import { JsonFile } from './json-file.js';

const Known = z.record(z.string(), z.array(z.string()));

/**
 * Where peers could last be reached, so that an agent that starts without the control plane finds them. It may be stale,
 * and it may be lost: then it is learned anew.
 */
export class PeerEndpoints {
  #saving: Promise<void> | undefined;
  #dirty = false;

  private constructor(
    readonly file: JsonFile<z.infer<typeof Known>>,
    readonly known: Map<string, string[]>,
  ) {}

  static async open(directory: StateDirectory): Promise<PeerEndpoints> {
    const file = await JsonFile.open(directory, 'endpoints.json', Known, {}).catch(async () => {
      await directory.remove('endpoints.json');
      return JsonFile.open(directory, 'endpoints.json', Known, {});
    });
    return new PeerEndpoints(file, new Map(Object.entries(file.value)));
  }

  /** As presence, for whoever was seen last time. */
  remembered(): PeerPresence[] {
    return [...this.known].map(([nodeId, endpoints]) => ({ nodeId, endpoints, online: false, lastSeen: 0 }));
  }

  learn(presence: readonly PeerPresence[]): void {
    for (const { nodeId, endpoints } of presence) if (endpoints.length > 0) this.known.set(nodeId, [...endpoints]);
    this.#dirty = true;
    this.#saving ??= this.#save();
  }

  /** Keeps only these nodes. */
  retain(nodeIds: ReadonlySet<string>): void {
    for (const nodeId of this.known.keys()) if (!nodeIds.has(nodeId)) this.known.delete(nodeId);
  }

  /** Resolves when the disk has what was learned. */
  async flush(): Promise<void> {
    await this.#saving;
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
