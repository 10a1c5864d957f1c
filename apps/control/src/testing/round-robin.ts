import { once } from 'node:events';
import { createServer, request as forward } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What stands before several servers and sends each request to the next of them: the worst that can happen to a sign-in. */
export class RoundRobin {
  /** Where the servers are; more may be added at any time. */
  readonly targets: string[] = [];
  #next = 0;
  readonly #server = createServer((incoming, outgoing) => {
    const target = this.targets[this.#next++ % this.targets.length] ?? '';
    const { method, headers, url } = incoming;
    const inner = forward(new URL(url ?? '/', target), { method, headers, agent: false }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    inner.on('error', () => outgoing.writeHead(502).end());
    incoming.pipe(inner);
  });

  static async start(): Promise<RoundRobin> {
    const balancer = new RoundRobin();
    balancer.#server.listen(0, '127.0.0.1');
    await once(balancer.#server, 'listening');
    return balancer;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }
}
