export * from './compile/compiled-policy.js';
export * from './compile/rule.js';
export * from './language/policy.js';
export * from './problem.js';
export * from './role.js';
export * from './subject.js';
