export { memoryPersonKeys } from './testing/memory-person-keys.js';
