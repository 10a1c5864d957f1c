export * from './choose-crypto.js';
export * from './crypto.js';
export * from './crypto-race.js';
export * from './kdf.js';
export * from './key-pair.js';
export { NobleCrypto } from './noble/noble-crypto.js';
export * from './self-test.js';
