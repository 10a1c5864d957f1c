import { problemOf, type Random } from '#kernel';
import type { AgentClient, CommandClaim, SignWithMachineKey } from '#wire';
import type { LinkServers } from './control-link.js';

/** As many as are kept and tried, beside the one where it joined. */
const MOST = 16;

type Client = Pick<AgentClient, 'stream' | 'command' | 'close'>;

/** What `ControlServers` needs. */
export interface ServersOptions {
  /** Where this machine joined; it stays, whatever servers say. */
  readonly home: string;
  /** Where else it may connect, by what it was told before. */
  readonly known: readonly string[];
  readonly random: Random;
  /** Opens a client, which connects when it is used. @throws when that URL must not be used */
  connect(url: string): Client;
  /** There are others now, to be kept for the next start. */
  changed(known: readonly string[]): void;
}

/**
 * The servers that this machine may connect to, each as good as any other. One that fails is followed by another, in an
 * order of this machine's own, so that those who lose the same server spread over the rest.
 */
export class ControlServers implements LinkServers {
  readonly #clients = new Map<string, Client>();
  /** Of which it was told last. */
  #known: readonly string[];
  /** Of which it was told before, the latest first: what is away for a restart is not told of meanwhile. */
  #former: readonly string[] = [];
  #url: string;
  /** Since one of them answered last. */
  readonly #tried = new Set<string>();

  constructor(private readonly options: ServersOptions) {
    this.#known = this.#usable(options.known);
    this.#url = options.home;
    // What is wrong with the one that a person named must not be passed over.
    this.#clients.set(options.home, options.connect(options.home));
  }

  /** Of the server that is used now. */
  get url(): string {
    return this.#url;
  }

  stream() {
    return this.#client.stream();
  }

  /**
   * Asks for a change of this node. A server that cannot carry it out now is followed by the others: under one id, the
   * change is made once.
   * @returns the revision of the ledger after it
   */
  async command(claim: Omit<CommandClaim, 'nonce'>, sign: SignWithMachineKey): Promise<number> {
    for (let left = this.#all.length; ; left--) {
      try {
        return await this.#client.command(claim, sign);
      } catch (error) {
        if (left <= 1 || !/^(control|store)\./.test(problemOf(error).code)) throw error;
        this.next();
      }
    }
  }

  /** A server says where else this machine may connect. */
  learn(urls: readonly string[]): void {
    const known = this.#usable(urls);
    if (known.toSorted().join(' ') === this.#known.toSorted().join(' ')) return;
    const former = [...new Set([...this.#known, ...this.#former])].filter((url) => !known.includes(url));
    this.#former = former.slice(0, MOST - known.length);
    this.#known = known;
    this.options.changed([...known, ...this.#former]);
  }

  /** The one that is used now answers. */
  answered(): void {
    this.#tried.clear();
  }

  /** Turns to another one, if there is one: first to those that were not tried yet, and that it was told of last. */
  next(): void {
    this.#tried.add(this.#url);
    const others = this.#all.filter((url) => url !== this.#url);
    const fresh = others.filter((url) => !this.#tried.has(url));
    if (fresh.length === 0) this.#tried.clear();
    const left = fresh.length > 0 ? fresh : others;
    const likely = left.filter((url) => !this.#former.includes(url));
    const choice = likely.length > 0 ? likely : left;
    const url = choice[(this.options.random.bytes(1)[0] ?? 0) % choice.length];
    if (url !== undefined) this.#url = url;
  }

  close(): void {
    for (const client of this.#clients.values()) client.close();
  }

  get #client(): Client {
    const client = this.#clients.get(this.#url) ?? this.options.connect(this.#url);
    this.#clients.set(this.#url, client);
    return client;
  }

  get #all(): readonly string[] {
    return [...new Set([this.options.home, ...this.#known, ...this.#former])];
  }

  /** Whoever joined over an encrypted connection is not led away from that. */
  #usable(urls: readonly string[]): readonly string[] {
    const { protocol } = new URL(this.options.home);
    const fit = urls.filter((url) => URL.canParse(url) && new URL(url).protocol === protocol && this.#opens(url));
    return [...new Set(fit)].slice(0, MOST);
  }

  #opens(url: string): boolean {
    if (this.#clients.has(url)) return true;
    try {
      this.#clients.set(url, this.options.connect(url));
      return true;
    } catch {
      return false;
    }
  }
}
