export * from './bytes.js';
export * from './errors.js';
export * from './id.js';
export * from './json.js';
export * from './ports.js';
export * from './result.js';
