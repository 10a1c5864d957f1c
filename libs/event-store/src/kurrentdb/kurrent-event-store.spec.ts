import { afterAll, beforeAll } from '@jest/globals';
import { eventStoreContract } from '../testing/event-store-contract.js';
import { KurrentServer } from '../testing/kurrent-server/kurrent-server.js';
import { openKurrentEventStore } from './open-kurrent-event-store.js';

// Against a real server: KURRENTDB_URL=kurrentdb://… npm run test:contract

let server: KurrentServer | undefined;
let url = process.env.KURRENTDB_URL ?? '';

beforeAll(async () => {
  if (url) return;
  server = await KurrentServer.start();
  url = server.url;
});
afterAll(() => server?.stop());

eventStoreContract('kurrentdb', { persistent: true }, async () => ({
  open: () => openKurrentEventStore(url),
  dispose: async () => {},
}));
