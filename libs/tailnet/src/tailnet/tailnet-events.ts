import { cidr, flag, number, optional, orNull, type Shapes, text } from '../shape.js';
import type { Settings } from './settings.js';

export interface TailnetEvents {
  TailnetCreated: {
    readonly tailnetId: string;
    readonly name: string;
    /** The domain under which every node has its name, without a trailing dot: `corp.netfold.internal`. */
    readonly dnsSuffix: string;
    /** The /48 of RFC 4193 that the IPv6 addresses come from: `fd12:3456:789a::/48`. */
    readonly ula: string;
  };
  /** Holds only what changed. */
  SettingsChanged: Readonly<Partial<Settings>>;
  /**
   * Each server at work on the ledger reads events of this release level, so that from now on they may be written. One that
   * does not, and comes later, stops here rather than at the first event that it would misread.
   */
  ReleaseFloorRaised: {
    readonly level: number;
    /** The version of netfold that has raised it, for people to know what they need. */
    readonly release: string;
  };
}

export const TAILNET_EVENTS: Shapes<TailnetEvents> = {
  TailnetCreated: { tailnetId: text, name: text, dnsSuffix: text, ula: cidr(6) },
  SettingsChanged: {
    deviceApproval: optional(flag),
    keyExpiry: optional(orNull(number)),
    keyRotation: optional(orNull(number)),
    ipv4Pool: optional(cidr(4)),
  },
  ReleaseFloorRaised: { level: number, release: text },
};
