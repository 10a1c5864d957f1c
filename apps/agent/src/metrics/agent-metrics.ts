import type { PeerStatus, Status } from '../local-api/status.js';
import { ByteTotals } from './byte-totals.js';

/** One metric: its labels and value, or several. */
type Values = number | boolean | Readonly<Record<string, number>>;

const RECENT_MS = 180_000;
const PSK_STATES = ['active', 'agreeing', 'none', 'by-hand', 'peer-too-old'] as const;
const STATES = ['NeedsLogin', 'NeedsMachineAuth', 'Stopped', 'Starting', 'Running'] as const;

/**
 * What an agent is doing, for Prometheus: the status that `netfold status` shows, without a name in it. No series is kept for
 * a peer, of which there may be thousands; who looks closer asks the agent.
 */
export class AgentMetrics {
  readonly #received = new ByteTotals();
  readonly #sent = new ByteTotals();

  /** @param now milliseconds since the Unix epoch @returns Prometheus' text format 0.0.4 */
  text(status: Status, now: number): string {
    const peers = Object.entries(status.Peer);
    return [
      ...stateOf(status),
      ...peersOf(
        peers.map(([, peer]) => peer),
        now,
      ),
      ...this.#bytesOf(peers),
      ...processOf(),
    ].join('');
  }

  #bytesOf(peers: readonly (readonly [string, PeerStatus])[]): readonly string[] {
    const received = this.#received.after(peers.map(([key, { RxBytes }]) => [key, RxBytes]));
    const sent = this.#sent.after(peers.map(([key, { TxBytes }]) => [key, TxBytes]));
    return [
      metric('received_bytes_total', 'counter', 'Bytes received from all peers, as WireGuard counts them', received),
      metric('sent_bytes_total', 'counter', 'Bytes sent to all peers, as WireGuard counts them', sent),
    ];
  }
}

const stateOf = ({ BackendState, Control, Ledger, Health, Fallbacks, Uapi, Self }: Status): readonly string[] => [
  metric('state', 'gauge', '1 for the state that the node is in', only('state', STATES, BackendState)),
  metric('control_connected', 'gauge', '1 while the control plane is connected', Control.Connected),
  ...optional(Control.Revision, (n) => metric('revision', 'gauge', 'Of the netmap that is in force', n)),
  ...optional(Ledger.Size, (n) => metric('ledger_events', 'gauge', 'Size of the ledger that was shown and proven', n)),
  metric(
    'ledger_alarm',
    'gauge',
    '1 since the server showed another history, until a person has taken note',
    Ledger.Alarm !== undefined,
  ),
  metric('health_problems', 'gauge', 'What a person should look at', Health.length),
  metric('fallbacks', 'gauge', 'In how many ways packets are not carried in the best of ways', Fallbacks.length),
  metric('peers_by_hand', 'gauge', 'Peers that somebody has added with wg', Uapi?.PeersByHand ?? 0),
  ...optional(Self?.KeyExpiry, (time) =>
    metric('key_expires_timestamp_seconds', 'gauge', 'When the key of this node expires', Date.parse(time) / 1_000),
  ),
];

function peersOf(peers: readonly PeerStatus[], now: number): readonly string[] {
  const count = (is: (peer: PeerStatus) => boolean) => peers.filter(is).length;
  const handshakes = peers.flatMap(({ LastHandshake }) => (LastHandshake ? [Date.parse(LastHandshake)] : []));
  const psk = PSK_STATES.map((state) => [
    `state="${state}"`,
    count(({ PresharedKey }) => PresharedKey.State === state),
  ]);
  return [
    metric('peers', 'gauge', 'Peers in the netmap', peers.length),
    metric(
      'peers_online',
      'gauge',
      'Peers that are connected to the control plane',
      count(({ Online }) => Online),
    ),
    metric(
      'peers_active',
      'gauge',
      'Peers that packets were exchanged with lately',
      count(({ Active }) => Active),
    ),
    metric(
      'peers_handshaken',
      'gauge',
      'Peers with a handshake within three minutes',
      handshakes.filter((at) => now - at < RECENT_MS).length,
    ),
    metric('newest_handshake_timestamp_seconds', 'gauge', '0: there was none', Math.max(0, ...handshakes) / 1_000),
    metric('preshared_keys', 'gauge', 'Tunnels by the state of their pre-shared key', Object.fromEntries(psk)),
  ];
}

function processOf(): readonly string[] {
  const { user, system } = process.cpuUsage();
  return [
    line('process_cpu_seconds_total', 'counter', 'Processor time, in seconds', (user + system) / 1e6),
    line('process_resident_memory_bytes', 'gauge', 'Resident memory, in bytes', process.memoryUsage.rss()),
  ];
}

const only = (label: string, all: readonly string[], one: string): Readonly<Record<string, number>> =>
  Object.fromEntries(all.map((value) => [`${label}="${value}"`, Number(value === one)]));

const optional = <T>(value: T | undefined, of: (value: T) => string): readonly string[] =>
  value === undefined ? [] : [of(value)];

const metric = (name: string, type: 'gauge' | 'counter', help: string, values: Values): string =>
  line(`netfold_agent_${name}`, type, help, values);

function line(name: string, type: 'gauge' | 'counter', help: string, values: Values): string {
  const head = `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`;
  if (typeof values !== 'object') return `${head}${name} ${Number(values)}\n`;
  return (
    head +
    Object.entries(values)
      .map(([labels, value]) => `${name}{${labels}} ${value}\n`)
      .join('')
  );
}
