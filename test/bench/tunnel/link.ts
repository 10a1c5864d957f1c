import { toBase64 } from '#kernel';
import type { Running } from '../../netns/lab/host.js';
import { until } from '../../netns/lab/until.js';
import { type Bed, innerAddress, outerAddress, PORT } from './bed.js';
import type { Contender } from './contender.js';
import type { EndSetup } from './end-setup.js';

/** What is peculiar to one end. */
export type Extra = Pick<EndSetup, 'rules' | 'rotation'>;

/** The way from the first host to the second, through a tunnel or without. */
export interface Link {
  /** The address of the second host on this way. */
  readonly target: string;
  /** The programs at both ends of the tunnel. */
  readonly ends: readonly Running[];
  close(): Promise<void>;
}

const DEVICE = `nfb${process.pid}`.slice(0, 12);

/** Opens the link and waits until it carries packets. */
export async function openLink(bed: Bed, contender: Contender, extras: readonly [Extra, Extra] = [{}, {}]) {
  if (!contender.start) return { target: outerAddress(1), ends: [], close: async () => {} } satisfies Link;
  const ends: Running[] = [];
  const close = async () => void (await Promise.all(ends.map((end) => end.stop())));
  try {
    for (const index of [0, 1] as const) ends.push(await startEnd(bed, contender, index, extras[index]));
    const ping = ['-n', '-c', '1', '-W', '1', innerAddress(1)];
    await until('the tunnel carries packets', async () => (await bed.from.run('ping', ping)).code === 0);
  } catch (error) {
    await close();
    throw error;
  }
  return { target: innerAddress(1), ends, close } satisfies Link;
}

/** Does it with a link, and closes that whatever happens. */
export async function overLink<T>(
  bed: Bed,
  contender: Contender,
  use: (link: Link) => Promise<T>,
  extras?: readonly [Extra, Extra],
): Promise<T> {
  const link = await openLink(bed, contender, extras);
  try {
    return await use(link);
  } finally {
    await link.close();
  }
}

function startEnd(bed: Bed, contender: Contender, index: 0 | 1, extra: Extra): Promise<Running> {
  const other = (1 - index) as 0 | 1;
  return startDevice(bed, contender, index, {
    ...extra,
    peers: [
      {
        publicKey: toBase64(bed.keys[other].publicKey),
        addresses: [innerAddress(other)],
        endpoint: { address: outerAddress(other), port: PORT },
      },
    ],
  });
}

/**
 * Starts the program of one end, and gives its interface an address.
 * @param host where, when that is not where this end usually is
 */
export async function startDevice(
  bed: Bed,
  contender: Contender,
  index: 0 | 1,
  setup: Extra & Pick<EndSetup, 'peers'>,
  host = index === 0 ? bed.from : bed.to,
): Promise<Running> {
  if (!contender.start) throw new TypeError(`${contender.name} has no ends`);
  const { mtu } = bed.options;
  const device = deviceName(index);
  const address = innerAddress(index);
  const privateKey = toBase64(bed.keys[index].privateKey);
  const end = await contender.start(host, { device, mtu, port: PORT, address, privateKey, ...setup });
  host.ip('addr', 'add', `${address}/24`, 'dev', device);
  host.ip('link', 'set', device, 'mtu', String(mtu), 'up');
  return end;
}

export const deviceName = (index: 0 | 1): string => `${DEVICE}${index}`;
