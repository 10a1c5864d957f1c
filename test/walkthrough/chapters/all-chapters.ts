import type { Chapter } from '../step.js';
import { access } from './access.js';
import { connect } from './connect.js';
import { exit } from './exit.js';
import { people } from './people.js';
import { policy } from './policy.js';
import { route } from './route.js';
import { serve } from './serve.js';
import { servers } from './servers.js';
import { wireguard } from './wireguard.js';

/** In the order of the guide. */
export const ALL_CHAPTERS: readonly Chapter[] = [
  serve,
  connect,
  route,
  policy,
  servers,
  access,
  wireguard,
  exit,
  people,
];
