import { storeClosed } from '#event-store';
import { type Register, type Registers, registerChanged, requireWritable } from '../registers.js';

/** Registers of a control plane that is one process, for what may be gone with it. */
export class MemoryRegisters implements Registers {
  readonly #byName = new Map<string, Register>();
  #version = 0;
  #closed = false;

  async read(name: string): Promise<Register | undefined> {
    this.#requireOpen();
    return this.#byName.get(name);
  }

  async write(name: string, expectedVersion: number, value: string): Promise<number> {
    requireWritable(name, value);
    this.#requireAt(name, expectedVersion);
    this.#version += 1;
    this.#byName.set(name, { version: this.#version, value });
    return this.#version;
  }

  async delete(name: string, expectedVersion: number): Promise<void> {
    this.#requireAt(name, expectedVersion);
    if (!this.#byName.delete(name)) throw registerChanged(name);
  }

  async names(prefix: string): Promise<readonly string[]> {
    this.#requireOpen();
    return [...this.#byName.keys()].filter((name) => name.startsWith(prefix)).sort();
  }

  async close(): Promise<void> {
    this.#closed = true;
  }

  #requireAt(name: string, version: number): void {
    this.#requireOpen();
    if ((this.#byName.get(name)?.version ?? -1) !== version) throw registerChanged(name);
  }

  #requireOpen(): void {
    if (this.#closed) throw storeClosed();
  }
}
