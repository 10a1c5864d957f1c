export { cryptoContract } from './crypto-contract.js';
export { seededRandom } from './seeded-random.js';
