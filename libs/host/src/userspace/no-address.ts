import { NetfoldError } from '#kernel';
import { type Address, formatAddress } from '#net';

/** What is sent needs an address of the same family to come from. */
export const noAddress = (destination: Address): NetfoldError =>
  new NetfoldError({
    code: 'host.no_address',
    message: `this host has no address of the family of ${formatAddress(destination)}`,
    hint: 'give it one, or use the other family',
  });
