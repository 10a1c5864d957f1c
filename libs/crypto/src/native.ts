export { NativeCrypto } from './native/native-crypto.js';
