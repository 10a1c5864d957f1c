export * from './testing/arbitrary-history.js';
export { foldAll, type RecordedEvent } from './testing/recorded-event.js';
export { sampleKey } from './testing/sample-key.js';
export * from './testing/sample-policies.js';
export * from './testing/tailnet-builder.js';
