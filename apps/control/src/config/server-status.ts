import type { Problem } from '#kernel';

/** What the server says about itself. */
export class ServerStatus {
  /** Of the ports that it listens on. */
  httpPort = 0;
  grpcPort = 0;
  ready = false;
  /** Why it does not follow its ledger any more. */
  problem: Problem | undefined;

  constructor(
    readonly version: string,
    readonly tls: boolean,
  ) {}
}
