import { cryptoContract } from '../crypto-contract.js';
import { NobleCrypto } from './noble-crypto.js';

cryptoContract('noble', new NobleCrypto());
