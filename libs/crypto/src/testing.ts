export { cryptoContract } from './testing/crypto-contract.js';
export { seededRandom } from './testing/seeded-random.js';
