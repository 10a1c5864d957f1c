// `npm run bench:tunnel [-- --json FILE] [--rounds N] [--seconds S] [--mtu N] [--rules N] [--mixed] [--inline] [--peer PATH]…`:
// what the tunnel carries, beside Debian's wireguard-go, any other one that is given, and the same link without a tunnel.
// Contenders take turns, and all share this machine with iperf3: figures compare with those of the same run only. Needs
// root, wireguard-go, wg and iperf3.
import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { NobleCrypto, newDhKeyPair } from '#crypto';
import { systemRandom } from '#host';
import { Lab } from '../../netns/lab/lab.js';
import { between, type Contender, innerAddress, netfold, outerAddress, TunnelPair, wireguardGo } from './contender.js';
import { type Figures, measure } from './measure.js';

const { values } = parseArgs({
  options: {
    json: { type: 'string' },
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '4' },
    mtu: { type: 'string', default: '1420' },
    rules: { type: 'string', default: '0' },
    peer: { type: 'string', multiple: true, default: [] },
    only: { type: 'string' },
    inline: { type: 'boolean', default: false },
    mixed: { type: 'boolean', default: false },
  },
});
const [rounds, seconds, mtu, rules] = [values.rounds, values.seconds, values.mtu, values.rules].map(Number) as [
  number,
  number,
  number,
  number,
];
if (![rounds, seconds, mtu, rules].every((number) => Number.isInteger(number) && number >= 0) || rounds < 1) {
  console.error('bench:tunnel: --rounds, --seconds, --mtu and --rules take whole numbers');
  process.exit(2);
}

const BASE = 'wireguard-go';
const contenders: Contender[] = [
  netfold('worker'),
  ...(values.inline ? [netfold('inline')] : []),
  ...(values.mixed ? [between('from netfold to it', netfold('worker'), wireguardGo(BASE, BASE))] : []),
  ...(values.mixed ? [between('from it to netfold', wireguardGo(BASE, BASE), netfold('worker'))] : []),
  wireguardGo(BASE, BASE),
  ...values.peer.map((program) => wireguardGo(program, program)),
].filter(({ name }) => !values.only || name === values.only);

const FIGURES = ['tcp1', 'tcp4', 'udp64', 'udp1200', 'ping', 'cpuPerGbit', 'memory'] as const;
type Figure = (typeof FIGURES)[number];
const TITLES: Record<Figure, string> = {
  tcp1: 'TCP, 1 stream, Mbit/s',
  tcp4: 'TCP, 4 streams, Mbit/s',
  udp64: 'UDP 64 B received, kpps',
  udp1200: 'UDP 1,200 B received, kpps',
  ping: 'idle ping, average, ms',
  cpuPerGbit: 'CPU-seconds per Gbit',
  memory: 'memory of both ends, MiB',
};

const keys = [newDhKeyPair(new NobleCrypto(), systemRandom), newDhKeyPair(new NobleCrypto(), systemRandom)] as const;
const results = new Map<string, Figures[]>();
const note = (name: string, figures: Figures) => {
  results.set(name, [...(results.get(name) ?? []), figures]);
  const shown = FIGURES.map((figure) => `${figure} ${figures[figure]?.toFixed(2) ?? '-'}`);
  console.error(`  ${name}: ${shown.join(', ')}`);
};

const lab = Lab.open();
try {
  const hosts = [lab.host('a', `${outerAddress(0)}/24`), lab.host('b', `${outerAddress(1)}/24`)] as const;
  const [from, to] = hosts;
  for (let round = 0; round < rounds; round++) {
    for (const contender of contenders) {
      const pair = await TunnelPair.open(contender, hosts, keys, { mtu, rules });
      const cpuSeconds = () => pair.cpuSeconds();
      const memory = () => pair.ends.reduce((sum, { process: { pid } }) => sum + residentMiB(pid ?? 0), 0);
      note(contender.name, await measure({ from, to, target: innerAddress(1), cpuSeconds, memory }, seconds));
      await pair.close();
    }
    if (!values.only) note('no tunnel', await measure({ from, to, target: outerAddress(1) }, seconds));
  }
} finally {
  await lab.close();
}
report();

function report(): void {
  const medians = new Map([...results].map(([name, runs]) => [name, medianOf(runs)]));
  const base = medians.get(BASE);
  const names = [...medians.keys()];
  console.log(['median of '.concat(String(rounds)).padEnd(30), ...names.map((name) => name.padStart(22))].join(''));
  for (const figure of FIGURES) {
    const cells = names.map((name) => {
      const value = medians.get(name)?.[figure];
      const reference = base?.[figure];
      if (value === undefined) return '-'.padStart(22);
      return `${value.toFixed(2)}${reference ? ` (${(value / reference).toFixed(2)}x)` : ''}`.padStart(22);
    });
    console.log(TITLES[figure].padEnd(30) + cells.join(''));
  }
  if (values.json) {
    const document = {
      rounds,
      seconds,
      mtu,
      rules,
      medians: Object.fromEntries(medians),
      runs: Object.fromEntries(results),
    };
    writeFileSync(values.json, `${JSON.stringify(document, null, 2)}\n`);
  }
}

function medianOf(runs: readonly Figures[]): Partial<Record<Figure, number>> {
  const medians: Partial<Record<Figure, number>> = {};
  for (const figure of FIGURES) {
    const values = runs.map((run) => run[figure]).filter((value) => value !== undefined);
    if (values.length > 0) medians[figure] = values.sort((a, b) => a - b)[values.length >> 1] as number;
  }
  return medians;
}

/** Resident memory of a process (proc(5), "status": VmRSS). */
function residentMiB(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
}
