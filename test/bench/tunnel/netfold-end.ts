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
import { type EndSetup, SAYS, SIGNAL } from './end-setup.js';

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

const anybody = (id: string, dst: FilterRule['dst'], first: number, last: number): FilterRule => ({
  id,
  src: [{ kind: 'any' }],
  dst,
  protocols: [],
  ports: [{ first, last }],
});

const path =
  setup.kind === 'inline'
    ? await openInline()
    : await WorkerDataPath.open({ tunName: setup.device, mtu: setup.mtu, port: setup.port, mark: 0, monotonic });
path.listen({
  event: ({ type }) => type === 'handshake_completed' && console.log(SAYS.session),
  initiationSent: () => {},
  notWireguard: () => {},
  echoReply: () => {},
  failed: ({ message }) => console.error(message),
});
path.engine.setPrivateKey(keyOf(setup.privateKey));
path.filter.setSelf({ addresses: [setup.address] });
const everything = [
  anybody('here', { kind: 'self' }, 0, 65_535),
  anybody('behind', { kind: 'prefix', prefix: '0.0.0.0/0' }, 0, 65_535),
];
path.filter.setRules(everything);
for (const { publicKey, addresses, endpoint } of setup.peers) {
  path.filter.setPeer({ id: publicKey, addresses, labels: [] });
  path.engine.addPeer(monotonic(), {
    publicKey: keyOf(publicKey),
    label: publicKey,
    allowedIps: addresses.map((address) => parsePrefix(`${address}/32`)),
    ...(endpoint && { path: pathTo(endpoint) }),
  });
}
path.settle();

let ruled = false;
process.on(SIGNAL.toggleRules, () => {
  ruled = !ruled;
  const others = Array.from({ length: setup.rules ?? 0 }, (_, i) =>
    anybody(`rule-${i}`, { kind: 'self' }, 10_000 + i, 10_000 + i),
  );
  path.filter.setRules(ruled ? [...everything, ...others] : everything);
});

let rotated = 0;
let peerKey = keyOf(setup.peers[0]?.publicKey ?? '');
process.on(SIGNAL.nextKey, () => {
  const { rotation = { own: [] } } = setup;
  const next = keyOf(('own' in rotation ? rotation.own : rotation.peer)[rotated++] ?? '');
  if ('own' in rotation) path.engine.rotatePrivateKey(monotonic(), next);
  else {
    path.engine.replacePeerKey(monotonic(), peerKey, next);
    peerKey = next;
  }
  path.settle();
});

console.log(`${SAYS.ready} ${JSON.stringify(path.features)}`);
process.once('SIGTERM', () => void path.close().then(() => process.exit(0)));
setInterval(() => {}, 1 << 30);
