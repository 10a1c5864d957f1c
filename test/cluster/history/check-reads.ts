import type { History, Read, Violation } from './history.js';
import { type Moment, momentsOf } from './moments.js';

/** A read is no older than it was asked to be, and shows what the ledger says at the revision that it names. */
export function checkReads({ reads, ledger }: Pick<History, 'reads' | 'ledger'>): Violation[] {
  const stale = reads.filter(({ minRevision, revision }) => revision < minRevision);
  const byRevision = Map.groupBy(reads, ({ revision }) => revision);
  const found = stale.map((read) => ({ law: 'no stale read', what: `${place(read)}, asked for ${read.minRevision}` }));
  for (const moment of momentsOf(ledger)) {
    for (const read of byRevision.get(moment.revision) ?? []) {
      if (!isTrue(read, moment)) found.push({ law: 'reads show the ledger', what: place(read) });
    }
    byRevision.delete(moment.revision);
  }
  for (const [read] of byRevision.values())
    if (read) found.push({ law: 'reads show the ledger', what: `${place(read)}, which there is not` });
  return found;
}

function isTrue({ nodeNames, policy }: Read, { state }: Moment): boolean {
  if (policy !== undefined && policy !== state.policy.text) return false;
  if (!nodeNames) return true;
  const names = [...state.nodes.values()].map(({ name }) => name).sort();
  return names.length === nodeNames.length && names.every((name, i) => name === nodeNames[i]);
}

const place = ({ replica, revision }: Read): string => `replica ${replica} answered with revision ${revision}`;
