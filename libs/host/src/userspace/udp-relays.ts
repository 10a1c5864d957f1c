import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import type { Endpoint } from '../udp/udp-socket.js';

// RFC 4787, REQ-5: the recommended lifetime of an idle mapping.
const IDLE = 300_000;
const MOST_RELAYS = 1024;

export interface RelayEvents {
  answered(data: Uint8Array): void;
  /** The other side has nobody at that port. */
  refused(): void;
}

interface Relay {
  readonly socket: Socket;
  readonly ready: Promise<unknown>;
  readonly idle: NodeJS.Timeout;
}

/** Ordinary UDP sockets, one for each conversation that is relayed. The one idle for longest makes way. */
export class UdpRelays {
  /** In order of use. */
  readonly #relays = new Map<string, Relay>();
  #closed = false;

  /** @param key names the conversation; its first datagram fixes the rest */
  send(key: string, to: Endpoint, data: Uint8Array, events: RelayEvents): void {
    if (this.#closed) return;
    const relay = this.#relays.get(key) ?? this.#open(key, to, events);
    this.#relays.delete(key);
    this.#relays.set(key, relay);
    relay.idle.refresh();
    const copy = data.slice();
    relay.ready.then(
      () => this.#relays.has(key) && relay.socket.send(copy, () => {}),
      () => this.#drop(key),
    );
  }

  async close(): Promise<void> {
    this.#closed = true;
    const closing = [...this.#relays.values()].map(({ socket }) => once(socket, 'close'));
    for (const key of this.#relays.keys()) this.#drop(key);
    await Promise.all(closing);
  }

  #open(key: string, to: Endpoint, events: RelayEvents): Relay {
    const [oldest] = this.#relays.keys();
    if (this.#relays.size >= MOST_RELAYS && oldest !== undefined) this.#drop(oldest);
    const family = to.address.includes(':') ? 6 : 4;
    const socket = createSocket({ type: `udp${family}`, lookup: (host, _options, done) => done(null, host, family) });
    socket.on('message', (data) => {
      this.#relays.get(key)?.idle.refresh();
      events.answered(data);
    });
    socket.on('error', (error: NodeJS.ErrnoException) => error.code === 'ECONNREFUSED' && events.refused());
    const ready = new Promise((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('error', reject);
    });
    socket.connect(to.port, to.address);
    const idle = setTimeout(() => this.#drop(key), IDLE).unref();
    return { socket, ready, idle };
  }

  #drop(key: string): void {
    const relay = this.#relays.get(key);
    if (!relay) return;
    this.#relays.delete(key);
    clearTimeout(relay.idle);
    relay.ready.catch(() => {}).finally(() => relay.socket.close());
  }
}
