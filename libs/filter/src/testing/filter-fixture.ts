import type { FilterPeer, FilterRule } from '../filter-rule.js';
import { PacketFilter } from '../packet-filter.js';
import type { Reason } from '../verdict.js';

export const SELF = '100.64.0.1';
export const PEER = '100.64.0.2';

/** A rule that lets `group:eng` reach SSH here, but for what is said otherwise. */
export const rule = (id: string, over: Partial<FilterRule> = {}): FilterRule => ({
  id,
  src: [{ kind: 'label', label: 'group:eng' }],
  dst: { kind: 'self' },
  protocols: [],
  ports: [{ first: 22, last: 22 }],
  ...over,
});

/** A peer in `group:eng`, but for what is said otherwise. */
export const peer = (over: Partial<FilterPeer> = {}): FilterPeer => ({
  id: 'p',
  addresses: [PEER, 'fd7a::2'],
  labels: ['group:eng'],
  ...over,
});

/** A filter with the one rule and the one peer above, and short ways to use it. */
export class FilterFixture {
  readonly filter: PacketFilter;

  constructor(options: { readonly flows?: number } = {}) {
    this.filter = new PacketFilter({ seed: 7, ...options });
    this.filter.configure({ self: { addresses: [SELF, 'fd7a::1'] }, rules: [rule('ssh')], peers: [peer()] });
  }

  inbound(packet: Uint8Array, now = 0, from = 'p'): Reason {
    return this.filter.inbound(now, from, packet).reason;
  }

  outbound(packet: Uint8Array, now = 0, to = 'p'): void {
    this.filter.outbound(now, to, packet);
  }
}
