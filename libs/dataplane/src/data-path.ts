import type { CryptoOutcome } from '#crypto';
import type { PacketFilter } from '#filter';
import type { Endpoint } from '#host';
import type { Problem } from '#kernel';
import type { Engine, EngineEvent } from '#wireguard';
import type { UdpPath } from './udp-path.js';

/** What is asked of an engine, wherever it runs; as `Engine` does it. */
export type EngineControl = Pick<
  Engine<UdpPath>,
  | 'addPeer'
  | 'updatePeer'
  | 'removePeer'
  | 'replacePeerKey'
  | 'setPrivateKey'
  | 'rotatePrivateKey'
  | 'retireIdentity'
  | 'renewSession'
  | 'publicKey'
  | 'configuration'
  | 'peerStatus'
  | 'status'
>;

/** What is asked of a packet filter, wherever it runs; as `PacketFilter` does it. */
export type FilterControl = Pick<PacketFilter, 'setSelf' | 'setRules' | 'setPeer' | 'removePeer' | 'takeFlows'>;

/** Byte arrays are good until the call returns. */
export interface DataPathListener {
  event(event: EngineEvent<UdpPath>): void;
  /** A handshake was begun on this path: it may be tried on others too. */
  initiationSent(path: UdpPath, datagram: Uint8Array): void;
  /** A datagram for a path that is not a socket's (`UdpPath.relay`). */
  relayed?(path: UdpPath, datagram: Uint8Array): void;
  /** A datagram that is no WireGuard message. */
  notWireguard(path: UdpPath, datagram: Uint8Array): void;
  /** An echo reply with the identifier that was asked for; the host does not see it. */
  echoReply(packet: Uint8Array): void;
  /** Packets can no longer come or go. */
  failed(problem: Problem): void;
  /**
   * They come and go again. Sessions begin anew: `session_expired` was told of each.
   * @param failures why something, such as a peer, is not as it was before
   */
  restored?(failures: readonly Problem[]): void;
}

/** How packets are carried, for people to see. */
export interface DataPathFeatures {
  /** `worker`: a thread of its own with system calls for many packets at once. `inline`: beside all else in this one. */
  readonly kind: 'worker' | 'inline';
  /** The implementation of the ciphers. */
  readonly crypto: string;
  /** What became of each implementation that there might be. */
  readonly cryptos: readonly CryptoOutcome[];
  /** Whether TCP comes from and goes to the host in segments of up to 64 KiB, and whether UDP does. */
  readonly tcpOffload: boolean;
  readonly udpOffload: boolean;
  /** Whether the kernel splits what is sent to a peer (UDP_SEGMENT), and joins what comes from one (UDP_GRO). */
  readonly sendOffload: boolean;
  readonly receiveOffload: boolean;
  /** How often a thread that ended was followed by another. */
  readonly restarts?: number;
}

/** The way of packets between the host and the peers: engine, filter, interface and socket. */
export interface DataPath {
  readonly engine: EngineControl;
  readonly filter: FilterControl;
  readonly features: DataPathFeatures;
  /** The UDP port. */
  readonly localPort: number;
  /**
   * Goes on at another UDP port, with all sessions; 0 for one that the system picks.
   * @throws NetfoldError as `openUdpSockets` does, and `dataplane.fixed_socket` where another owns the socket; nothing
   * has changed then
   */
  setPort(port: number): void;
  /**
   * Marks what is sent to peers (SO_MARK); 0 for no mark.
   * @throws NetfoldError `host.need_root`, and `dataplane.fixed_socket` as `setPort` does
   */
  setMark(mark: number): void;
  /** There is one listener; a later one replaces it. */
  listen(listener: DataPathListener): void;
  /** Sends a packet as if the host had; the answer is the label of the peer that it went to. */
  send(packet: Uint8Array): string | undefined;
  /**
   * Makes many changes as one: between two packets, and for a thread of its own with one message.
   * @param tasks each asks `engine` and `filter` for changes
   * @returns why a task failed, at the task's place. What it did before that stays done, and what was to follow is not
   */
  together(tasks: readonly (() => void)[]): readonly (Problem | undefined)[];
  /** A datagram came over a path that is not a socket's (`UdpPath.relay`). */
  receiveFrom(path: UdpPath, datagram: Uint8Array): void;
  /** Sends a datagram that is no packet of a peer's. */
  transmit(to: Endpoint, datagram: Uint8Array): void;
  /** Echo replies with this identifier (16 bits) are the listener's. */
  captureEchoReplies(identifier: number): void;
  /** Must follow whatever may have changed the engine's next deadline. */
  settle(): void;
  close(): Promise<void>;
}
