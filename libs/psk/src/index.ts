export { Agreement, type AgreementEffects, type AgreementState } from './agreement.js';
export { MAX_LETTER } from './letter.js';
export { EMPTY_RECORD, type PairRecord, type PresharedKeys, presharedKeysOf } from './pair-record.js';
