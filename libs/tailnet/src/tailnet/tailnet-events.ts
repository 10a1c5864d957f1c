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
}

export const TAILNET_EVENTS: Shapes<TailnetEvents> = {
  TailnetCreated: { tailnetId: text, name: text, dnsSuffix: text, ula: cidr(6) },
  SettingsChanged: {
    deviceApproval: optional(flag),
    keyExpiry: optional(orNull(number)),
    keyRotation: optional(orNull(number)),
    ipv4Pool: optional(cidr(4)),
  },
};
