import { hash } from 'node:crypto';

/** The id of a change that a request proposes: short, for people type it; the same request gives the same. */
export const changeIdOf = (requestId: string): string =>
  `c${hash('sha256', `netfold change\0${requestId.replace(/:.*/, '')}`, 'hex').slice(0, 10)}`;
