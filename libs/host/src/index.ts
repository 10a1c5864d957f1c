export * from './state/state-directory.js';
export * from './system-clock.js';
export * from './system-random.js';
export * from './tun/linux-tun.js';
export * from './tun/tun.js';
export * from './udp/node-udp-socket.js';
export * from './udp/udp-socket.js';
