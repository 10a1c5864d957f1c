import type { MacFields } from '../cookie/cookie-checker.js';
import { LoadGauge } from '../cookie/load-gauge.js';
import { RateLimiter } from '../cookie/rate-limiter.js';
import { readUint32 } from '../little-endian.js';
import { INITIATION } from '../messages.js';
import type { Path } from '../path.js';
import type { Device } from './device.js';
import type { DropReason } from './drop-counters.js';
import type { Identity } from './identities.js';

/** Keeps the cost of handshake messages bounded: no key agreement before their MACs are good (5.3). */
export class Gatekeeper<P extends Path> {
  private readonly load: LoadGauge;
  private readonly limiter = new RateLimiter();

  /** @param handshakesPerSecond handshake messages a second beyond which cookies are asked for */
  constructor(
    private readonly device: Device<P>,
    handshakesPerSecond: number,
  ) {
    this.load = new LoadGauge(handshakesPerSecond);
  }

  /**
   * The identity that an initiation or response is for, if it may be processed. Under load a message without a good
   * mac2 is answered with a cookie, and one with it counts against the limit of its source.
   */
  admit(now: number, path: P, message: Uint8Array, fields: MacFields): Identity | DropReason {
    const identity = this.device.identities.addressedBy(message, fields);
    if (!identity) return 'bad_mac1';
    return (this.load.note(now) && this.refuseUnderLoad(now, path, message, fields, identity)) || identity;
  }

  /** There is more than can be served. */
  underLoad(now: number): void {
    this.load.alarm(now);
  }

  private refuseUnderLoad(
    now: number,
    path: P,
    message: Uint8Array,
    fields: MacFields,
    { checker }: Identity,
  ): DropReason | undefined {
    if (checker.checkMac2(now, message, fields, path.key)) {
      return this.limiter.allow(now, path.source ?? path.key) ? undefined : 'rate_limited';
    }
    const sender = readUint32(message, INITIATION.sender);
    this.device.effects.transmit(path, checker.reply(now, message, fields, sender, path.key));
    return 'bad_mac2';
  }
}
