import type { Scenario } from '../scenario.js';
import { filter } from './filter.js';
import { flood } from './flood.js';
import { handshakes } from './handshakes.js';
import { peers } from './peers.js';
import { ping } from './ping.js';
import { rekey } from './rekey.js';
import { tcp } from './tcp.js';
import { udp } from './udp.js';

export const ALL_SCENARIOS: readonly Scenario[] = [tcp, udp, ping, handshakes, peers, filter, rekey, flood];
