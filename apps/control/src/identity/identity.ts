import { Records, type Registers } from '#coordination';
import type { Clock } from '#kernel';
import type { ServerSecret } from '../auth/server-secret.js';
import { Issuer } from './issuer.js';
import type { IssuerOptions } from './issuer-options.js';
import { LoginAttempts } from './login-attempts.js';
import { linkSecret, OneTimeLinks } from './one-time-link.js';
import { Sessions } from './sessions.js';
import { Spent } from './spent.js';
import { WaitingRoom } from './waiting-room.js';

/** A machine that wants to join, as its person is shown. */
export type WaitingMachine = {
  readonly machineKey: string;
  readonly hostname: string;
  readonly os: string;
  readonly tags: readonly string[];
};

/** A command line that wants to act for somebody, as that person is shown. */
export type WaitingCommandLine = {
  /** What it calls itself: `alice on build-7`. */
  readonly client: string;
};

/** All that knows who somebody is. Replicas that share the registers and the secret know the same. */
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
    registers: Registers,
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
    const spent = new Spent(new Records(registers, 'spent', now));
    this.attempts = new LoginAttempts(secrets.derive('login attempts'), spent, now);
    this.sessions = new Sessions(new Records(registers, 'session', now), secrets.derive('forms'), now);
    this.links = new OneTimeLinks(linkSecret(secrets), spent, now);
    this.machines = new WaitingRoom(new Records(registers, 'machine', now), now);
    this.commandLines = new WaitingRoom(new Records(registers, 'command-line', now), now);
  }
}
