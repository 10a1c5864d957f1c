import { verifyChain } from '#event-store';
import { problemOf } from '#kernel';
import type { History, Violation } from './history.js';

const LAW = 'the ledger is one chain';

/** All of it can be read, each hash covers the one before, and what replicas show is what is kept. */
export async function checkLedger({
  sealed,
  ledger,
  damage,
}: Pick<History, 'sealed' | 'ledger' | 'damage'>): Promise<Violation[]> {
  const found: Violation[] = damage === undefined ? [] : [{ law: LAW, what: damage }];
  await verifyChain(sealed).catch((error: unknown) => found.push({ law: LAW, what: problemOf(error).message }));
  const [short, long] = [Math.min(sealed.length, ledger.length), Math.max(sealed.length, ledger.length)];
  if (short !== long) found.push({ law: LAW, what: `${sealed.length} events are kept, ${ledger.length} are shown` });
  const other = ledger.slice(0, short).find((event, i) => event.hash !== sealed[i]?.hash);
  if (other) found.push({ law: LAW, what: `at ${other.revision} another event is shown than is kept` });
  const late = sealed.find((event, i) => event.recordedAt < (sealed[i - 1]?.recordedAt ?? 0));
  if (late) found.push({ law: LAW, what: `time runs backwards at ${late.revision}` });
  return found;
}
