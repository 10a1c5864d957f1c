/** What a figure is called in tables, and whether more of it is better. */
interface Meaning {
  readonly title: string;
  readonly better: 'more' | 'less';
  readonly digits: number;
  /** Whether it compares something with itself already: a ratio to another contender's says nothing then. */
  readonly relative?: boolean;
}

export const FIGURES = {
  tcp1: { title: 'TCP, 1 stream, Mbit/s', better: 'more', digits: 0 },
  tcp4: { title: 'TCP, 4 streams, Mbit/s', better: 'more', digits: 0 },
  cpuPerGbit: { title: 'CPU-seconds per Gbit, both ends', better: 'less', digits: 2 },
  memory: { title: 'memory of both ends, MiB', better: 'less', digits: 0 },
  udp64: { title: 'UDP 64 B received, kpps', better: 'more', digits: 1 },
  udp1200: { title: 'UDP 1,200 B received, kpps', better: 'more', digits: 1 },
  pingIdle: { title: 'ping, idle, average, ms', better: 'less', digits: 3 },
  pingLoaded: { title: 'ping beside TCP, average, ms', better: 'less', digits: 2 },
  handshakes: { title: 'handshakes answered per second', better: 'more', digits: 0 },
  cpuPerHandshake: { title: 'CPU-microseconds per handshake', better: 'less', digits: 0 },
  floodKept: { title: 'TCP kept in a handshake flood, %', better: 'more', digits: 1, relative: true },
  peersCost: { title: 'from 500 peers, not 1: more CPU, %', better: 'less', digits: 1, relative: true },
  peersSendCost: { title: 'to 500 peers, not 1: more CPU, %', better: 'less', digits: 1, relative: true },
  peersMemory: { title: 'memory with 500 peers, MiB', better: 'less', digits: 0 },
  filterCost: { title: '1,000 rules: less TCP, %', better: 'less', digits: 1, relative: true },
  filterCpu: { title: '1,000 rules: more CPU, %', better: 'less', digits: 1, relative: true },
  rekeyCost: { title: 'a new key each second: less TCP, %', better: 'less', digits: 1, relative: true },
  rekeyCpu: { title: 'a new key each second: more CPU, %', better: 'less', digits: 1, relative: true },
} as const satisfies Record<string, Meaning>;

export type FigureName = keyof typeof FIGURES;
/** What one measurement of one contender yields. */
export type Figures = Partial<Record<FigureName, number>>;

export const FIGURE_NAMES = Object.keys(FIGURES) as readonly FigureName[];
export const meaningOf = (figure: FigureName): Meaning => FIGURES[figure];
