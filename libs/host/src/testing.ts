export * from './testing/free-port.js';
export * from './testing/localhost-certificate.js';
export * from './testing/network-namespace.js';
export * from './tun/fake-tun.js';
export * from './udp/fake-network.js';
