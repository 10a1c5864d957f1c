import { NetfoldError } from '#kernel';
import type { RouteItem } from '#netmap';
import type { Pause } from '../link/control-link.js';
import { RouterWatch } from './router-watch.js';
import type { Tunnel } from './tunnel.js';

const LOOK_MS = 500;

/** Watches the routers of prefixes that several nodes serve, for as long as there are such. */
export class RouterFailover {
  readonly #watch: RouterWatch;
  readonly #closed = new AbortController();
  #looking: Promise<void> | undefined;

  /** @param changed told when other routers are to be used than before */
  constructor(
    readonly tunnel: Tunnel,
    readonly pause: Pause,
    readonly changed: () => void,
  ) {
    this.#watch = new RouterWatch({
      traffic: (id) => tunnel.traffic(id),
      isOffline: (id) => tunnel.reachability.presenceOf(id)?.online === false,
      probe: (id) => tunnel.probe(id),
    });
  }

  /** The ids of routers that do not answer. */
  get unwell(): ReadonlySet<string> {
    return this.#watch.unwell;
  }

  /** @param routes all those that this node uses */
  follow(routes: Iterable<RouteItem>): void {
    const ids = new Set<string>();
    for (const { via, standby } of routes) {
      if (standby.length > 0) for (const id of [via, ...standby]) ids.add(id);
    }
    this.#watch.watch(ids);
    this.#looking ??= this.#watch.isIdle ? undefined : this.#look();
  }

  async close(): Promise<void> {
    this.#closed.abort();
    await this.#looking;
  }

  async #look(): Promise<void> {
    const { signal } = this.#closed;
    while (!signal.aborted && !this.#watch.isIdle) {
      this.#lookOnce();
      await this.pause(LOOK_MS, signal);
    }
    this.#looking = undefined;
  }

  /** What the data path refuses for now, such as while it starts again, is asked at the next look. */
  #lookOnce(): void {
    try {
      if (this.#watch.look(this.tunnel.now)) this.changed();
    } catch (error) {
      if (!(error instanceof NetfoldError)) throw error;
    }
  }
}
