export * from './testing/endpoint.js';
export * from './testing/simulated-link.js';
export * from './testing/simulated-network.js';
