export * from './testing/packet-builder.js';
