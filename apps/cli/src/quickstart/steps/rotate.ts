import type { KeyRotation } from '../../../../agent/src/local-api/messages.js';
import type { Status } from '../../../../agent/src/local-api/status.js';
import { answered, expect, since } from '../expect.js';
import type { Step } from '../step.js';

const INTERVAL_MS = 10;
const COUNT = 150;

export const rotateStep: Step = {
  name: 'rotate',
  title: 'A key is replaced, under a running ping',
  async run({ agents }, tell) {
    const running = agents.laptop.pings({ target: 'dev-1', count: COUNT, interval: INTERVAL_MS });
    await agents.laptop.pings({ target: 'dev-1', count: 20, interval: INTERVAL_MS });
    const started = performance.now();
    const { publicKey, revision } = await agents['dev-1'].client.call<KeyRotation>('POST /rotate-key', {});
    const ms = since(started);
    tell(`dev-1 has a new WireGuard key, ${publicKey.slice(0, 24)}…, after ${ms} ms (revision ${revision})`);
    const replies = await running;
    const lost = COUNT - answered(replies).length;
    const { Peer } = await agents.laptop.client.call<Status>('GET /status');
    const handshake = Peer[publicKey]?.LastHandshake;
    tell(`${COUNT} pings, one every ${INTERVAL_MS} ms: ${lost} lost`);
    expect(Peer[publicKey] !== undefined, 'laptop does not know the new key');
    expect(lost === 0, `${lost} pings were lost`);
    return { revision, publicKey, ms, sent: COUNT, answered: COUNT - lost, lost, handshake };
  },
};
