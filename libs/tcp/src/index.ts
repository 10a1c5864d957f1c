export * from './connection/flow.js';
export type * from './connection/segment-writer.js';
export * from './connection/tcp-connection.js';
export * from './connection/tcp-state.js';
export { TCP } from './protocol.js';
export * from './stack/tcp-listener.js';
export * from './stack/tcp-stack.js';
