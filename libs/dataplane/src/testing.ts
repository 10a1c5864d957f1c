export { WorkerNode } from './testing/worker-node.js';
