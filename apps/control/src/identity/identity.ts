import { join } from 'node:path';
import type { Clock } from '#kernel';
import type { ServerSecret } from '../auth/server-secret.js';
import { Issuer } from './issuer.js';
import type { IssuerOptions } from './issuer-options.js';
import { LoginAttempts } from './login-attempts.js';
import { linkSecret, OneTimeLinks } from './one-time-link.js';
import { Sessions } from './sessions.js';
import { WaitingRoom } from './waiting-room.js';

/** A machine that wants to join, as its person is shown. */
export interface WaitingMachine {
  readonly machineKey: string;
  readonly hostname: string;
  readonly os: string;
  readonly tags: readonly string[];
}

/** A command line that wants to act for somebody, as that person is shown. */
export interface WaitingCommandLine {
  /** What it calls itself: `alice on build-7`. */
  readonly client: string;
}

/** All that knows who somebody is. */
export class Identity {
  readonly issuers: ReadonlyMap<string, Issuer>;
  readonly attempts: LoginAttempts;
  readonly sessions: Sessions;
  readonly links: OneTimeLinks;
  readonly machines: WaitingRoom<WaitingMachine>;
  readonly commandLines: WaitingRoom<WaitingCommandLine>;

  /** @param url where people reach this server, without a trailing slash */
  constructor(
    readonly url: () => string,
    issuers: readonly IssuerOptions[],
    stateDir: string,
    secrets: ServerSecret,
    clock: Clock,
  ) {
    const now = () => clock.now();
    this.issuers = new Map(
      issuers.map((options) => [
        options.name,
        new Issuer(options, () => `${url()}/login/${options.name}/callback`, now),
      ]),
    );
    this.attempts = new LoginAttempts(now);
    this.sessions = new Sessions(join(stateDir, 'sessions.db'), secrets.derive('forms'), now);
    this.links = new OneTimeLinks(linkSecret(secrets), this.sessions, now);
    this.machines = new WaitingRoom(now);
    this.commandLines = new WaitingRoom(now);
  }

  close(): void {
    this.sessions.close();
  }
}
