export { NativeCrypto } from './native-crypto.js';
