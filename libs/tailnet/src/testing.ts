export { foldAll, type RecordedEvent } from './testing/recorded-event.js';
export { sampleKey } from './testing/sample-key.js';
export * from './testing/tailnet-builder.js';
