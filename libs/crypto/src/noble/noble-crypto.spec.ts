import { cryptoContract } from '../testing/crypto-contract.js';
import { NobleCrypto } from './noble-crypto.js';

cryptoContract('noble', new NobleCrypto());
