import { join } from 'node:path';
import type { Io } from '../../output/io.js';
import { serverStateDirectory } from '../daemon/server.js';

/** The ledger of a server on this machine, when none is named. */
export const defaultStore = (io: Io): string => join(serverStateDirectory(io), 'ledger.db');
