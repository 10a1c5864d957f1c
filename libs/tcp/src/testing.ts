export * from './testing/endpoint.js';
export * from './testing/exchange.js';
export * from './testing/segment-storm.js';
export * from './testing/simulated-link.js';
export * from './testing/simulated-network.js';
export * from './testing/wire-peer.js';
