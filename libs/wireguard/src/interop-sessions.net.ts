import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { parsePrefix } from '#net';
import { REKEY_AFTER_TIME, REKEY_TIMEOUT } from './constants.js';
import { udpPath } from './testing/udp-endpoint.js';
import { WireguardGo } from './testing/wireguard-go.js';
import { WorkerHost } from './testing/worker-host.js';

// Sessions that grow old, against wireguard-go: our clock runs ahead of theirs. Needs root.

/** They take no two initiations within 20 ms of the real clock; milliseconds. */
const THEIR_PAUSE = 40;
const PINGS = 150;

let go: WireguardGo;
let host: WorkerHost;

beforeAll(async () => {
  go = await WireguardGo.start('10.77.0.2/24');
  host = new WorkerHost('10.77.0.1');
  const path = udpPath('127.0.0.1', host.node.sockets.port);
  go.configure([{ publicKey: host.node.keys.publicKey, allowedIps: [parsePrefix('10.77.0.1/32')], path }]);
  host.knows(go.keys.publicKey, '10.77.0.2', udpPath('127.0.0.1', go.port));
});

afterAll(async () => {
  host?.node.close();
  await go?.close();
});

test('ten sessions follow one another as they grow old, and no packet of either side is lost', async () => {
  host.ping('10.77.0.2');
  await host.until(() => host.replies.length === 1);
  let over = false;
  // It goes on until so many are answered: were one lost, there would be another instead.
  const pinging = go.ping('10.77.0.1', '-c', `${PINGS}`, '-i', '0.01', '-w', '120').finally(() => {
    over = true;
  });
  let last = performance.now();
  for (let round = 1; round <= 10; round++) {
    const began = last;
    await host.until(() => performance.now() - began > THEIR_PAUSE);
    last = performance.now();
    host.node.now += REKEY_AFTER_TIME + 1000;
    const [sessions, replies] = [host.sessions, host.replies.length];
    host.ping('10.77.0.2');
    // On a busy machine they may have been slower to take the one before, and find this one too early: we try again.
    let turns = 0;
    await host.until(() => {
      if (++turns % 2_000 === 0) host.node.now += REKEY_TIMEOUT + 500;
      return host.sessions > sessions && host.replies.length > replies;
    });
    // An answer on the new session comes after all that they sealed on the one before, which our next leap makes too old.
    const answered = host.replies.length;
    host.ping('10.77.0.2');
    await host.until(() => host.replies.length > answered);
  }
  await host.until(() => over);
  expect((await pinging).slice(0, PINGS)).toEqual(Array.from({ length: PINGS }, (_, i) => i + 1));
  expect(host.drops).toMatchObject({
    ...{ bad_handshake: 0, not_authentic: 0, replayed: 0 },
    ...{ session_expired: 0, unknown_index: 0 },
  });
});
