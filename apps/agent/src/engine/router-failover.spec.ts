import { expect, test } from '@jest/globals';
import { NetfoldError } from '#kernel';
import type { RouteItem } from '#netmap';
import type { Pause } from '../link/control-link.js';
import { RouterFailover } from './router-failover.js';
import type { Tunnel } from './tunnel.js';

test('a data path that refuses to probe for now is asked again, and is no end of the watch', async () => {
  const probed: string[] = [];
  const looks = { at: 0, most: 40 };
  const tunnel = {
    get now() {
      return looks.at * 500;
    },
    traffic: () => ({ rxBytes: 0, txBytes: 0 }),
    reachability: { presenceOf: () => ({ online: false }) },
    probe: (id: string) => {
      probed.push(id);
      throw new NetfoldError({ code: 'wireguard.no_peer', message: 'it knows nothing yet' });
    },
  } as unknown as Tunnel;
  const over = Promise.withResolvers<void>();
  const pause: Pause = async (_, signal) => {
    if (++looks.at === looks.most) over.resolve();
    if (looks.at >= looks.most) await new Promise((resolve) => signal.addEventListener('abort', resolve));
  };
  const failover = new RouterFailover(tunnel, pause, () => {});
  failover.follow([{ prefix: '10.0.0.0/8', via: 'a', standby: ['b'] } as unknown as RouteItem]);
  await over.promise;
  expect(probed.length).toBeGreaterThan(4);
  expect(new Set(probed)).toEqual(new Set(['a', 'b']));
  expect([...failover.unwell].sort()).toEqual(['a', 'b']);
  await failover.close();
});
