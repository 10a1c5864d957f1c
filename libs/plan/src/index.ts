export * from './advance.js';
export * from './desired-state.js';
export * from './engine-state.js';
export * from './operation.js';
export * from './plan.js';
