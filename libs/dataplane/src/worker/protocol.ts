import type { CryptoChoice, CryptoOutcome } from '#crypto';
import type { FilterPeer, FilterRule, FilterSelf, TakenFlows } from '#filter';
import type { Endpoint } from '#host';
import type { Problem } from '#kernel';
import type { EngineConfiguration, EngineEvent, EngineStatus, PeerChanges, PeerConfig, PeerStatus } from '#wireguard';
import type { PipeEnds } from '../io/host-pipe.js';
import type { UdpSockets } from '../io/udp-sockets.js';
import type { UdpPath } from '../udp-path.js';

/** What the worker is started with. Descriptors stay the property of who opened them. */
export interface WorkerSetup {
  readonly tun: { readonly fd: number; readonly mtu: number; readonly offloads: number };
  readonly sockets: UdpSockets;
  /** To rehearse packets on; without them none is rehearsed. */
  readonly pipes: readonly [PipeEnds, PipeEnds] | undefined;
  /** An eventfd: readable when there is a request, or when the worker must end. */
  readonly wakeFd: number;
  readonly shared: SharedArrayBuffer;
  /** The monotonic clock of the agent less that of the system (`bootTime`), ms. */
  readonly clockOffset: number;
  readonly crypto: CryptoChoice;
  /** Whether the kernel may be left to split what is sent. */
  readonly splits: boolean;
}

/** Places in `shared`, as an Int32Array. */
export const SHARED = {
  /** How many requests have been answered. */
  answered: 0,
  /** 1 when the worker must end. */
  mustEnd: 1,
  /** How many datagrams that are not WireGuard are on their way to the other thread. */
  foreign: 2,
  /** How many datagrams for paths that are not a socket's are on their way to the other thread. */
  relayed: 3,
  /** 1 when the worker has ended, whatever the reason. */
  ended: 4,
  /** The second address of the worker's memory, of at most 31 bits, and the bytes there; 0 when it has none. */
  alias: 5,
  aliasLength: 6,
  length: 7,
} as const;

/** What the worker does when asked. Each call is answered before the next packet is touched. */
export interface Calls {
  addPeer(config: PeerConfig<UdpPath>): void;
  updatePeer(publicKey: Uint8Array, changes: PeerChanges<UdpPath>): void;
  removePeer(publicKey: Uint8Array): void;
  replacePeerKey(oldPublicKey: Uint8Array, newPublicKey: Uint8Array): void;
  setPrivateKey(privateKey: Uint8Array): void;
  rotatePrivateKey(privateKey: Uint8Array, overlap: number | undefined): void;
  retireIdentity(publicKey: Uint8Array, delay: number | undefined): void;
  renewSession(publicKey: Uint8Array): void;
  publicKey(): Uint8Array | undefined;
  configuration(): EngineConfiguration<UdpPath>;
  peerStatus(publicKey: Uint8Array): PeerStatus<UdpPath> | undefined;
  status(): EngineStatus<UdpPath>;
  setSelf(self: FilterSelf): void;
  setRules(rules: readonly FilterRule[]): void;
  setFilterPeer(peer: FilterPeer): void;
  removeFilterPeer(id: string): void;
  takeFlows(most: number): TakenFlows;
  send(packet: Uint8Array): string | undefined;
  transmit(to: Endpoint, datagram: Uint8Array): void;
  captureEchoReplies(identifier: number): void;
  /** @returns the tasks that failed, and why */
  together(batch: readonly Batch[]): readonly (readonly [number, Problem])[];
  /** A datagram came over a path that is not a socket's. */
  receiveFrom(path: UdpPath, datagram: Uint8Array): void;
  /** Whether the kernel splits what is sent (UDP_SEGMENT). */
  splits(): boolean;
}

export type Request = {
  readonly [K in keyof Calls]: { readonly call: K; readonly words: Parameters<Calls[K]> };
}[keyof Calls];

/** What changes the configuration, and answers nothing. */
export type Change = Extract<
  Request,
  {
    readonly call:
      | 'addPeer'
      | 'updatePeer'
      | 'removePeer'
      | 'replacePeerKey'
      | 'setPrivateKey'
      | 'rotatePrivateKey'
      | 'retireIdentity'
      | 'setSelf'
      | 'setRules'
      | 'setFilterPeer'
      | 'removeFilterPeer'
      | 'captureEchoReplies';
  }
>;

/** Changes that are made as one; those of a task end with the first that fails. */
export interface Batch {
  readonly task: number;
  readonly change: Change;
}
export type Answer = { readonly result: unknown } | { readonly problem: Problem };

/** What the worker tells on its own account. A peer in an event is a copy. */
export type Notice =
  | { readonly kind: 'ready'; readonly crypto: string; readonly cryptos: readonly CryptoOutcome[] }
  | { readonly kind: 'event'; readonly event: EngineEvent<UdpPath> }
  | { readonly kind: 'initiation'; readonly path: UdpPath; readonly datagram: Uint8Array }
  | { readonly kind: 'not-wireguard'; readonly path: UdpPath; readonly datagram: Uint8Array }
  | { readonly kind: 'relayed'; readonly path: UdpPath; readonly datagram: Uint8Array }
  | { readonly kind: 'echo-reply'; readonly packet: Uint8Array }
  | { readonly kind: 'failed'; readonly problem: Problem };
