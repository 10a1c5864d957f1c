import { checkAgents } from './check-agents.js';
import { checkLedger } from './check-ledger.js';
import { checkOrderOfTime, checkOrders } from './check-orders.js';
import { checkReads } from './check-reads.js';
import { checkRevocations } from './check-revocations.js';
import type { History, Violation } from './history.js';

/** Everything that is wrong with a history; nothing when all laws held. */
export const checkHistory = async (history: History): Promise<Violation[]> => [
  ...(await checkLedger(history)),
  ...checkOrders(history),
  ...checkOrderOfTime(history),
  ...checkReads(history),
  ...checkAgents(history),
  ...checkRevocations(history),
];
