import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { CookieJar } from '../cookie/cookie-jar.js';
import { writeUint32 } from '../little-endian.js';
import { INITIATION } from '../messages.js';
import { crypto, random } from './udp-endpoint.js';

/** Whoever shares an address shares what a receiver has for it. */
const SOURCE = '127.0.0.66';
/** As many at once as make a queue long, with time between in which others find a place in it, ms. */
const BURST = 300;
const INTERVAL = 20;

/** Initiations with a right mac1 and nothing behind it, some 15,000 a second: what a receiver has to work on to refuse. */
export async function floodWithInitiations(
  port: number,
  publicKey: Uint8Array,
  isOver: () => boolean,
): Promise<number> {
  const socket = createSocket('udp4');
  socket.bind(0, SOURCE);
  await once(socket, 'listening');
  const jar = new CookieJar(crypto, publicKey);
  const messages = Array.from({ length: 4 * BURST }, () => stamped(jar));
  let sent = 0;
  while (!isOver()) {
    for (let i = 0; i < BURST; i++) socket.send(messages[sent++ % messages.length] ?? '', port, '127.0.0.1');
    await pause(INTERVAL);
  }
  socket.close();
  return sent;
}

function stamped(jar: CookieJar): Uint8Array {
  const message = random.bytes(INITIATION.length);
  writeUint32(message, 0, INITIATION.type);
  message.fill(0, INITIATION.mac2);
  jar.stamp(0, message, INITIATION);
  return message;
}
