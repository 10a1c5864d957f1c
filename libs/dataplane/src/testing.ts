export { Arena } from './memory/arena.js';
export { WorkerNode } from './testing/worker-node.js';
