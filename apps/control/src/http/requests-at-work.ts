import type { FastifyInstance } from 'fastify';

/** The requests that are not answered yet. */
export class RequestsAtWork {
  #count = 0;
  #draining = false;
  #idle = Promise.withResolvers<void>();

  constructor(http: Pick<FastifyInstance, 'addHook'>) {
    http.addHook('onRequest', (_request, reply, done) => {
      this.#count += 1;
      // Whoever goes on asking is to find another server.
      if (this.#draining) void reply.header('Connection', 'close');
      reply.raw.once('close', () => this.#ended());
      done();
    });
  }

  /** Resolves when none is left, or after so many milliseconds. */
  async drain(patience: number): Promise<void> {
    this.#draining = true;
    if (this.#count === 0) return;
    const late = setTimeout(() => this.#idle.resolve(), patience);
    await this.#idle.promise;
    clearTimeout(late);
  }

  #ended(): void {
    this.#count -= 1;
    if (this.#draining && this.#count === 0) this.#idle.resolve();
  }
}
