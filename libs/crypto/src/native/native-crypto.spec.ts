import { cryptoContract } from '../crypto-contract.js';
import { NativeCrypto } from './native-crypto.js';

cryptoContract('native', new NativeCrypto());
