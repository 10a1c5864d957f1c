import { cryptoContract } from '../testing/crypto-contract.js';
import { NativeCrypto } from './native-crypto.js';

cryptoContract('native', new NativeCrypto());
