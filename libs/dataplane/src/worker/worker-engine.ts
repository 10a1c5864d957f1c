import type { Crypto } from '#crypto';
import { PacketFilter } from '#filter';
import { systemClock, systemRandom } from '#host';
import { Engine, type EngineEvent, messageKind, type PeerView } from '#wireguard';
import { DatagramInput } from '../io/datagram-input.js';
import { DatagramOutput } from '../io/datagram-output.js';
import type { SocketPath } from '../io/socket-address.js';
import { SocketGate } from '../io/socket-gate.js';
import type { Arena } from '../memory/arena.js';
import type { UdpPath } from '../udp-path.js';
import { FloodGuard } from './flood-guard.js';
import { HandshakeDesk } from './handshake-desk.js';
import { PacketMover } from './packet-mover.js';
import { type Notice, SHARED, type WorkerSetup } from './protocol.js';
import { RelayPaths } from './relay-paths.js';
import { TunPort } from './tun-port.js';

/** Datagrams for the other thread that it has not seen yet: what a flood may take up of its memory. */
const MOST_FOREIGN = 256;
const MOST_RELAYED = 4_096;

/** The engine and all that moves its packets, in one thread's memory. */
export interface WorkerEngine {
  readonly arena: Arena;
  readonly engine: Engine<SocketPath>;
  readonly filter: PacketFilter;
  readonly mover: PacketMover;
  readonly output: DatagramOutput;
  readonly desk: HandshakeDesk;
  readonly guard: FloodGuard<SocketPath>;
  readonly relays: RelayPaths;
}

/** What an engine moves packets between, and the most flows that it remembers each way. */
export interface EngineSetup extends Pick<WorkerSetup, 'tun' | 'sockets' | 'shared' | 'splits'> {
  readonly flows?: number;
}

/** What all engines of a thread work with. */
export interface Workshop {
  readonly arena: Arena;
  readonly crypto: Crypto;
}

/** @param tell hands notices over; what is in them must not change afterwards */
export function createWorkerEngine(
  setup: EngineSetup,
  { arena, crypto }: Workshop,
  tell: (notice: Notice) => void,
): WorkerEngine {
  const { tun, sockets, flows } = setup;
  const shared = new Int32Array(setup.shared);
  const output = new DatagramOutput(arena, sockets, (path, datagram) => {
    if (Atomics.load(shared, SHARED.relayed) >= MOST_RELAYED) return;
    Atomics.add(shared, SHARED.relayed, 1);
    tell({ kind: 'relayed', path: plainPath(path), datagram: datagram.slice() });
  });
  output.splits = setup.splits;
  const port = new TunPort(arena, tun.fd, tun.offloads);
  const filter = new PacketFilter({
    seed: new DataView(systemRandom.bytes(4).slice().buffer).getUint32(0),
    ...(flows && { flows }),
  });
  const engine = new Engine<SocketPath>({
    crypto,
    random: systemRandom,
    wallClock: systemClock,
    mtu: tun.mtu,
    effects: {
      transmit: (path, datagram) => {
        output.copy(path, datagram);
        if (messageKind(datagram) === 'initiation') {
          tell({ kind: 'initiation', path: plainPath(path), datagram: datagram.slice() });
        }
      },
      // Transport messages are opened in the fast lane, which hands their packets to the mover itself.
      deliver: () => {},
      notWireguard: (path, datagram) => {
        if (Atomics.load(shared, SHARED.foreign) >= MOST_FOREIGN) return;
        Atomics.add(shared, SHARED.foreign, 1);
        tell({ kind: 'not-wireguard', path: plainPath(path), datagram: datagram.slice() });
      },
      event: (event) => {
        if (event.type === 'peer_roamed') event.to.proven = true;
        if (event.type === 'handshake_completed' && event.peer.path) event.peer.path.proven = true;
        tell({ kind: 'event', event: copyOf(event) });
      },
    },
  });
  const desk = new HandshakeDesk(engine);
  const input = new DatagramInput(arena, sockets.joined);
  const guard = new FloodGuard(desk.refusals, new SocketGate(sockets, input.sources));
  const onEchoReply = (packet: Uint8Array) => tell({ kind: 'echo-reply', packet });
  const mover = new PacketMover({ arena, engine, filter, tun: port, input, output, desk, onEchoReply });
  return { arena, engine, filter, mover, output, desk, guard, relays: new RelayPaths() };
}

/** What may leave the thread: events name peers by objects with secrets. */
function copyOf(event: EngineEvent<SocketPath>): EngineEvent<UdpPath> {
  switch (event.type) {
    case 'identity_retired':
      return event;
    case 'peer_roamed':
      return {
        ...event,
        peer: viewOf(event.peer),
        from: event.from && plainPath(event.from),
        to: plainPath(event.to),
      };
    default:
      return { ...event, peer: viewOf(event.peer) };
  }
}

const viewOf = ({ label, publicKey, path }: PeerView<SocketPath>): PeerView<UdpPath> => ({
  label,
  publicKey,
  path: path && plainPath(path),
});

export const plainPath = ({ key, source, endpoint, relay }: UdpPath): UdpPath => ({
  key,
  source,
  endpoint,
  ...(relay !== undefined && { relay }),
});
