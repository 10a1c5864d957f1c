/** Lets those who come pass while it is open, and wait while it is closed. */
export class Gate {
  #closed: PromiseWithResolvers<void> | undefined;

  close(): void {
    this.#closed ??= Promise.withResolvers();
  }

  open(): void {
    this.#closed?.resolve();
    this.#closed = undefined;
  }

  async passed(): Promise<void> {
    while (this.#closed) await this.#closed.promise;
  }
}
