export { agentSocket, agentStateDirectory } from './local-api/agent-paths.js';
export { type AgentOptions, type RunningAgent, startAgent } from './start-agent.js';
