// One end of a tunnel, as the agent makes it: the data path with its engine and filter, and no control plane around it.
// Takes a file with its configuration in JSON, and prints a line when packets can flow.
import { readFileSync } from 'node:fs';
import { chooseCrypto } from '#crypto';
import { NativeCrypto } from '#crypto/native';
import { type DataPath, InlineDataPath, pathTo, WorkerDataPath } from '#dataplane';
import type { FilterRule } from '#filter';
import { LinuxTun, NodeUdpSocket, systemClock, systemRandom } from '#host';
import { fromBase64 } from '#kernel';
import { parsePrefix } from '#net';
import type { EndSetup } from './contender.js';

const setup = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as EndSetup & {
  readonly kind: 'worker' | 'inline';
};
const monotonic = () => performance.now();
const keyOf = (base64: string): Uint8Array => fromBase64(base64) ?? new Uint8Array();

async function openInline(): Promise<DataPath> {
  const udp = await NodeUdpSocket.bind(setup.port);
  const tun = await LinuxTun.open({ name: setup.device, mtu: setup.mtu });
  const crypto = chooseCrypto([() => new NativeCrypto()]);
  return new InlineDataPath({ crypto, random: systemRandom, wallClock: systemClock, monotonic, udp, tun });
}

const anybody = (id: string, first: number, last: number): FilterRule => ({
  id,
  src: [{ kind: 'any' }],
  dst: { kind: 'self' },
  protocols: [],
  ports: [{ first, last }],
});

const path =
  setup.kind === 'inline'
    ? await openInline()
    : await WorkerDataPath.open({ tunName: setup.device, mtu: setup.mtu, port: setup.port, mark: 0, monotonic });
path.listen({
  event: () => {},
  initiationSent: () => {},
  notWireguard: () => {},
  echoReply: () => {},
  failed: ({ message }) => console.error(message),
});
path.engine.setPrivateKey(keyOf(setup.privateKey));
path.filter.setSelf({ addresses: [setup.address] });
const others = Array.from({ length: setup.rules }, (_, i) => anybody(`rule-${i}`, 10_000 + i, 10_000 + i));
path.filter.setRules([anybody('all', 0, 65_535), ...others]);
for (const { publicKey, address, endpoint } of setup.peers) {
  path.filter.setPeer({ id: publicKey, addresses: [address], labels: [] });
  path.engine.addPeer(monotonic(), {
    publicKey: keyOf(publicKey),
    label: publicKey,
    allowedIps: [parsePrefix(`${address}/32`)],
    ...(endpoint && { path: pathTo(endpoint) }),
  });
}
path.settle();
console.log(`ready ${JSON.stringify(path.features)}`);
process.once('SIGTERM', () => void path.close().then(() => process.exit(0)));
setInterval(() => {}, 1 << 30);
