export { echoPacket, ipv4Packet, ipv6Packet } from './testing/packets.js';
export { type LinkQuality, LOSSLESS, SimulatedNetwork } from './testing/simulated-network.js';
export { SimulatedNode } from './testing/simulated-node.js';
export { type PairOptions, SimulatedPair } from './testing/simulated-pair.js';
