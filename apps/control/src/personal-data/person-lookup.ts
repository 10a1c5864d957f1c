import { createHmac } from 'node:crypto';

/**
 * What a person is found by in place of the address, so that whoever has the keys alone cannot try addresses.
 * @param pepper that only this server, or its cluster, knows
 */
export const personLookup = (pepper: Uint8Array, email: string): Uint8Array =>
  createHmac('sha256', pepper).update(email.toLowerCase()).digest();
