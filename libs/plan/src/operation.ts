import type { FilterPeer, FilterRule, FilterSelf } from '#filter';
import type { DnsItem } from '#netmap';
import type { TunnelPeer } from './engine-state.js';

/** One step of the engine; each takes effect whole. */
export type Operation =
  | { readonly kind: 'remove-route'; readonly prefix: string }
  | { readonly kind: 'add-route'; readonly prefix: string }
  | { readonly kind: 'remove-address'; readonly address: string }
  | { readonly kind: 'add-address'; readonly address: string }
  /** These and no others. */
  | { readonly kind: 'set-served'; readonly prefixes: readonly string[] }
  /** Ends its sessions. */
  | { readonly kind: 'remove-peer'; readonly peer: TunnelPeer }
  | { readonly kind: 'add-peer'; readonly peer: TunnelPeer }
  /** Make before break: the sessions under `from` carry on until there is one under `to`. */
  | { readonly kind: 'replace-peer-key'; readonly id: string; readonly from: string; readonly to: string }
  /** The peer's sessions go on. */
  | { readonly kind: 'set-allowed-ips'; readonly peer: TunnelPeer }
  | { readonly kind: 'set-self'; readonly self: FilterSelf }
  | { readonly kind: 'remove-sender'; readonly id: string }
  /** Adds it, or replaces the one with this id. */
  | { readonly kind: 'put-sender'; readonly sender: FilterPeer }
  /** These and no others. */
  | { readonly kind: 'set-rules'; readonly rules: ReadonlyMap<string, FilterRule> }
  | { readonly kind: 'set-dns'; readonly dns: DnsItem | undefined };
