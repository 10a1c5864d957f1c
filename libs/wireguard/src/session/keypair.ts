import type { Aead, Crypto } from '#crypto';
import { REJECT_AFTER_MESSAGES, REJECT_AFTER_TIME, REKEY_AFTER_MESSAGES } from '../constants.js';
import type { TransportKeys } from '../noise/transport-keys.js';
import { ReplayWindow } from './replay-window.js';

export type Role = 'initiator' | 'responder';

/** One session: two keys, two counters, two indices. It knows nothing of peers, so a data path of its own may hold it. */
export class Keypair {
  readonly sealer: Aead;
  readonly opener: Aead;
  readonly replay = new ReplayWindow();
  /** The counter of the next message to send. */
  sendCounter = 0;

  /**
   * @param createdAt ms
   * @param rekeyAt ms from which its initiator makes a new one when it sends
   */
  constructor(
    private readonly crypto: Crypto,
    readonly keys: TransportKeys,
    readonly role: Role,
    readonly createdAt: number,
    readonly rekeyAt: number,
  ) {
    this.sealer = crypto.aead(keys.sendKey);
    this.opener = crypto.aead(keys.receiveKey);
  }

  get expiresAt(): number {
    return this.createdAt + REJECT_AFTER_TIME;
  }

  /** Whether it may still seal (6.2). */
  canSend(now: number): boolean {
    return now < this.expiresAt && this.sendCounter < REJECT_AFTER_MESSAGES;
  }

  /** Whether sending on it calls for a new handshake (6.2). */
  wantsRekey(now: number): boolean {
    return this.sendCounter > REKEY_AFTER_MESSAGES || (this.role === 'initiator' && now >= this.rekeyAt);
  }

  /** Looks at what opening a message will look at. */
  prefetch(): number {
    return this.replay.end + (this.opener.prefetch?.() ?? 0);
  }

  wipe(): void {
    this.sealer.wipe();
    this.opener.wipe();
    this.crypto.wipe(this.keys.sendKey, this.keys.receiveKey);
  }
}
