export { cleanUp } from './daemon/clean-up.js';
export { type AgentOptions, type RunningAgent, startAgent } from './start-agent.js';
