import { eventStoreContract } from '../testing/event-store-contract.js';
import { temporaryFolder } from '../testing/temporary-folder.js';
import { openSqliteEventStore } from './sqlite-event-store.js';

const fileIn = temporaryFolder();

eventStoreContract('sqlite', { persistent: true }, async () => ({
  open: async () => openSqliteEventStore(fileIn('ledger.db')),
  dispose: async () => {},
}));
