/** What can be known of a router, and asked of it. */
export interface RouterEvidence {
  /** The bytes of authenticated messages that came from it, and of all that went to it; undefined for no peer. */
  traffic(id: string): { readonly rxBytes: number; readonly txBytes: number } | undefined;
  /** Whether the control plane says that it is away. It may be wrong: its own link to the router may be what is broken. */
  isOffline(id: string): boolean;
  /** Calls for an answer from whoever is there and has the router's key; policies do not come into it. */
  probe(id: string): void;
}

/** Milliseconds of sending without any answer after which a router is probed. */
const SILENCE_MS = 2_000;
/** One packet that nobody answers is a keepalive: who is asked something is asked again. Milliseconds. */
const INSISTENCE_MS = 1_000;
/** Milliseconds that a probe may stay unanswered: more than a way around the world and a busy machine take. */
const PATIENCE_MS = 2_500;
/** Milliseconds between two probes of a router that does not answer, or is said to be away. */
const RECALL_MS = 5_000;
/** Milliseconds that a router must have answered again before packets go back to it: moving them breaks connections. */
const CONVALESCENCE_MS = 10_000;

interface Watched {
  rxBytes: number;
  txBytes: number;
  heardAt: number;
  /** When something was first sent, and last, since it was heard. */
  sendingSince: number | undefined;
  sentAt: number;
  probedAt: number;
  /** Since when the control plane says that it is away. */
  missedSince: number | undefined;
  isProbed: boolean;
  /** Since when it answers again, for one that did not. */
  wellSince: number | undefined;
}

/**
 * Tells which of several routers do not answer. Times are milliseconds of a clock that never goes back; it is to be
 * asked a few times a second.
 */
export class RouterWatch {
  readonly #routers = new Map<string, Watched>();
  #unwell: ReadonlySet<string> = new Set();

  constructor(private readonly evidence: RouterEvidence) {}

  /** The ids of those that do not answer: a new set when it is another one. */
  get unwell(): ReadonlySet<string> {
    return this.#unwell;
  }

  /** Whether there is anybody to watch. */
  get isIdle(): boolean {
    return this.#routers.size === 0;
  }

  /** Watches these, and no others. */
  watch(ids: ReadonlySet<string>): void {
    for (const id of this.#routers.keys()) if (!ids.has(id)) this.#routers.delete(id);
    for (const id of ids) if (!this.#routers.has(id)) this.#routers.set(id, unknown());
    if ([...this.#unwell].some((id) => !ids.has(id))) {
      this.#unwell = new Set([...this.#unwell].filter((id) => ids.has(id)));
    }
  }

  /** Looks at all of them. @returns whether `unwell` is another one */
  look(now: number): boolean {
    const unwell = new Set<string>();
    for (const [id, router] of this.#routers) {
      this.#listen(id, router, now);
      if (this.#unwell.has(id) ? this.#isStillUnwell(id, router, now) : this.#fallsSilent(id, router, now)) {
        unwell.add(id);
      }
    }
    if (unwell.size === this.#unwell.size && [...unwell].every((id) => this.#unwell.has(id))) return false;
    this.#unwell = unwell;
    return true;
  }

  #listen(id: string, router: Watched, now: number): void {
    const { rxBytes, txBytes } = this.evidence.traffic(id) ?? { rxBytes: 0, txBytes: 0 };
    if (rxBytes > router.rxBytes) {
      router.heardAt = now;
      router.sendingSince = undefined;
      router.isProbed = false;
    } else if (txBytes > router.txBytes) {
      router.sendingSince ??= now;
      router.sentAt = now;
    }
    const missedSince = this.evidence.isOffline(id) ? (router.missedSince ?? now) : undefined;
    Object.assign(router, { rxBytes, txBytes, missedSince });
  }

  #fallsSilent(id: string, router: Watched, now: number): boolean {
    if (router.isProbed) {
      if (now - router.probedAt < PATIENCE_MS) return false;
      router.wellSince = undefined;
      return true;
    }
    if (isUnanswered(router, now) || isMissed(router, now)) this.#probe(id, router, now);
    return false;
  }

  #isStillUnwell(id: string, router: Watched, now: number): boolean {
    if (now - router.probedAt >= RECALL_MS) this.#probe(id, router, now);
    if (router.isProbed) {
      if (now - router.probedAt >= PATIENCE_MS) router.wellSince = undefined;
      return true;
    }
    router.wellSince ??= now;
    return now - router.wellSince < CONVALESCENCE_MS;
  }

  #probe(id: string, router: Watched, now: number): void {
    router.probedAt = now;
    router.isProbed = true;
    this.evidence.probe(id);
  }
}

const NEVER = Number.NEGATIVE_INFINITY;

const unknown = (): Watched => ({
  rxBytes: 0,
  txBytes: 0,
  heardAt: NEVER,
  sendingSince: undefined,
  sentAt: NEVER,
  probedAt: NEVER,
  missedSince: undefined,
  isProbed: false,
  wellSince: undefined,
});

const isUnanswered = ({ sendingSince, sentAt }: Watched, now: number): boolean =>
  sendingSince !== undefined && now - sendingSince >= SILENCE_MS && sentAt - sendingSince >= INSISTENCE_MS;

/** Said to be away, and not asked since, or neither heard nor asked of late. */
const isMissed = ({ missedSince, heardAt, probedAt }: Watched, now: number): boolean =>
  missedSince !== undefined && (probedAt < missedSince || now - Math.max(heardAt, probedAt) >= RECALL_MS);
