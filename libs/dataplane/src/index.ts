export { chooseDataPathCrypto } from './crypto/data-path-crypto.js';
export type * from './data-path.js';
export { InlineDataPath } from './inline-data-path.js';
export { pathTo, relayedPath, type UdpPath } from './udp-path.js';
export { type Offload, WorkerDataPath } from './worker-data-path.js';
