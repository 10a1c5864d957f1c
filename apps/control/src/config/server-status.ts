import { NetfoldError, type Problem } from '#kernel';

/** What the server says about itself. */
export class ServerStatus {
  /** Of the ports that it listens on. */
  httpPort = 0;
  grpcPort = 0;
  ready = false;
  /** Why it does not follow its ledger any more. */
  problem: Problem | undefined;
  /** Why it may not know the newest: it goes on with what it has. */
  store: Problem | undefined;

  readonly #stopping = new AbortController();

  constructor(
    readonly version: string,
    readonly tls: boolean,
  ) {}

  /** Aborts when the server begins to stop. */
  get stopping(): AbortSignal {
    return this.#stopping.signal;
  }

  /**
   * What would speak against sending anybody here, if something does.
   * @returns `control.broken`, `control.starting`, `control.draining`, `control.behind`, `control.store_away`, `store.…`
   */
  get unready(): NetfoldError | undefined {
    if (this.problem) return new NetfoldError({ ...this.problem, code: 'control.broken' });
    if (!this.ready) return starting();
    if (this.stopping.aborted) return draining();
    return this.store && new NetfoldError(this.store);
  }

  /** It serves those who are there until they have gone elsewhere. */
  drain(): void {
    this.#stopping.abort();
  }
}

const starting = (): NetfoldError =>
  new NetfoldError({
    code: 'control.starting',
    message: 'the server is still catching up with its ledger',
    hint: 'ask again in a moment',
  });

const draining = (): NetfoldError =>
  new NetfoldError({
    code: 'control.draining',
    message: 'the server is about to stop, and sends everybody elsewhere',
    hint: 'ask another server',
  });
