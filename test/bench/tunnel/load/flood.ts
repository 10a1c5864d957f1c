// What a stranger can send who knows a public key: initiations whose first MAC is right and of which nothing else is,
// from many ports, at a steady rate until it is ended. Takes the public key, and where to send to.
import { libc, systemRandom } from '#host';
import { CookieClient, INITIATION_LENGTH } from './cookie-client.js';
import { RawSocket } from './raw-socket.js';
import { keyOf } from './virtual-client.js';

const [, , publicKey = '', from = '', address = '', port = '', perSecond = ''] = process.argv;
const MESSAGES = 4096;
const SOCKETS = 64;

const memory = new libc.SystemMemory(MESSAGES * INITIATION_LENGTH);
const client = new CookieClient(keyOf(publicKey));
for (let i = 0; i < MESSAGES; i++) {
  const message = memory.bytes.subarray(i * INITIATION_LENGTH, (i + 1) * INITIATION_LENGTH);
  message.set(systemRandom.bytes(INITIATION_LENGTH));
  client.disguise(message);
}
const sockets = Array.from({ length: SOCKETS }, () => new RawSocket(from, { address, port: Number(port) }));

const start = performance.now();
let sent = 0;
setInterval(() => {
  const due = ((performance.now() - start) / 1000) * Number(perSecond);
  for (; sent < due; sent++) {
    sockets[sent % SOCKETS]?.write(memory.address + (sent % MESSAGES) * INITIATION_LENGTH, INITIATION_LENGTH);
  }
}, 1);
console.log('ready');
