import { fromBase64, NetfoldError, toHex } from '#kernel';
import type { SelfItem } from '#netmap';
import type { NodeAction } from '#wire';
import { REJECT_AFTER_TIME } from '#wireguard';
import type { Tunnel } from '../engine/tunnel.js';
import type { KeyRotation } from '../local-api/messages.js';
import type { KeyStore } from '../state/key-store.js';

/** Asks the control plane for a change of this node; answers the revision after it. */
export type SendCommand = (action: NodeAction) => Promise<number>;

/** A key that is younger is not replaced because somebody says that it is old; as long as the shortest setting. */
const LEAST_AGE_MS = 0.8 * 3_600_000;

/** `nodekey:` and 64 hexadecimal digits. */
export const formatNodeKey = (publicKey: Uint8Array): string => `nodekey:${toHex(publicKey)}`;

/** After these the ledger may have the new key, or may not. */
const UNDECIDED: ReadonlySet<string> = new Set(['control.unreachable', 'internal']);

/** This node's WireGuard key, and how it is replaced without losing a packet. */
export class OwnKey {
  #rotating: Promise<KeyRotation> | undefined;
  /** When that was done last, on the tunnel's clock. */
  #rotatedAt = Number.NEGATIVE_INFINITY;

  constructor(
    readonly keys: KeyStore,
    readonly tunnel: Tunnel,
    readonly send: SendCommand,
    /** The tailnet knows this node by another key. */
    readonly replaced: () => void = () => {},
  ) {}

  /**
   * The engine answers under the new key before anybody hears of it, and under the old one until everybody has, be
   * that ever so late.
   * @throws NetfoldError what the control plane said; when it said nothing, `resume` goes on with the new key
   */
  rotate(): Promise<KeyRotation> {
    this.#rotating ??= this.#rotate().finally(() => {
      this.#rotating = undefined;
    });
    return this.#rotating;
  }

  /**
   * The control plane says that the key has grown old. It says so once in a while at most: one that says it all the time
   * is not listened to.
   * @returns undefined when the key is young
   * @throws NetfoldError as `rotate` does
   */
  async rotateInTime(): Promise<KeyRotation | undefined> {
    const { now } = this.tunnel;
    if (now - this.#rotatedAt < LEAST_AGE_MS) return undefined;
    return this.rotate();
  }

  /** Goes on with a rotation that the control plane has not answered: it may have been away, or this node. */
  async resume(): Promise<void> {
    if (this.keys.next) await this.rotate();
  }

  /** The netmap tells which key the ledger has: the answer to the command may have been lost. */
  async reconcile({ nodeKey }: SelfItem): Promise<void> {
    const { next } = this.keys;
    const known = fromBase64(nodeKey);
    if (next && known && Buffer.compare(next.publicKey, known) === 0) await this.#promote();
  }

  async #rotate(): Promise<KeyRotation> {
    const next = this.keys.next ?? (await this.#prepare());
    try {
      const revision = await this.send({ kind: 'rotate-key', nodeKey: next.publicKey });
      await this.#promote();
      return { revision, publicKey: formatNodeKey(next.publicKey) };
    } catch (error) {
      if (error instanceof NetfoldError && !UNDECIDED.has(error.code)) await this.#withdraw(next.publicKey);
      throw error;
    }
  }

  async #prepare() {
    const next = await this.keys.stage();
    // The ledger may never hear of the new key: peers then go on with the old one.
    this.tunnel.engine.rotatePrivateKey(this.tunnel.now, next.privateKey, Number.POSITIVE_INFINITY);
    this.tunnel.settle();
    return next;
  }

  /** The ledger has the new key; peers hear of it within the lifetime of a session, or have the old sessions till then. */
  async #promote(): Promise<void> {
    if (!this.keys.next) return;
    const former = this.keys.node.publicKey;
    await this.keys.promote();
    this.#rotatedAt = this.tunnel.now;
    this.tunnel.engine.retireIdentity(this.tunnel.now, former, REJECT_AFTER_TIME);
    this.tunnel.settle();
    this.replaced();
  }

  async #withdraw(publicKey: Uint8Array): Promise<void> {
    const { engine, now } = this.tunnel;
    await this.keys.discard();
    engine.retireIdentity(now, this.keys.node.publicKey); // it comes back as the current one
    engine.rotatePrivateKey(now, this.keys.node.privateKey);
    engine.retireIdentity(now, publicKey);
    this.tunnel.settle();
  }
}
