import { hash } from 'node:crypto';
import { TreeHasher } from '#merkle';

/** Hashes the Merkle tree over a stream (RFC 9162, 2.1.1). */
export const ledgerHasher = new TreeHasher((data) => hash('sha256', data, 'buffer'));

/**
 * The leaf of an event in the tree over its stream, as hashed: the leaf's data are the 32 bytes of the event's chained
 * hash, see `eventHash`. So each leaf stands for its event and for all before it, and a tree can be made of the hashes
 * alone, of a ledger whose personal data are gone too.
 * @param eventHash 64 hexadecimal digits
 */
export const ledgerLeaf = (eventHash: string): Uint8Array => ledgerHasher.leaf(Buffer.from(eventHash, 'hex'));

/** What a stream is called in checkpoints: their origin, and the name of the key that signs them. */
export const ledgerOrigin = (stream: string): string => `netfold/${stream}`;
