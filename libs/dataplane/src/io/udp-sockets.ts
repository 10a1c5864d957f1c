import koffi from 'koffi';
import { libc } from '#host';
import { NetfoldError } from '#kernel';
import {
  AF_INET,
  AF_INET6,
  IPPROTO_IPV6,
  IPV6_V6ONLY,
  SO_MARK,
  SO_RCVBUFFORCE,
  SO_SNDBUFFORCE,
  SOCK_CLOEXEC,
  SOCK_DGRAM,
  SOCKADDR,
  SOL_SOCKET,
  SOL_UDP,
  UDP_GRO,
} from './abi.js';

const dup3: (from: number, to: number, flags: number) => number = koffi
  .load(null)
  .func('dup3', 'int', ['int', 'int', 'int']);
const { O_CLOEXEC } = libc;

// A burst of packets must survive a turn of the loop that is busy with another one.
const BUFFER_BYTES = 4 << 20;

/** Descriptors of sockets on the same port, one for each address family; v6 is -1 on a host without IPv6. */
export interface UdpSockets {
  readonly v4: number;
  readonly v6: number;
  readonly port: number;
  /** Whether datagrams of one source arrive joined (UDP_GRO). */
  readonly joined: boolean;
}

/**
 * Opens sockets that the event loop knows nothing of.
 * @param port 0 for one that the system picks
 * @param mark of what they send (SO_MARK), which needs root; 0 for none
 * @throws NetfoldError `host.port_in_use`, `host.udp_failed`, `host.need_root`
 */
export function openUdpSockets(port: number, mark: number): UdpSockets {
  for (let attempt = 1; ; attempt++) {
    const v4 = boundSocket(AF_INET, port, mark);
    const chosen = portOf(v4);
    try {
      const v6 = hasFamily(AF_INET6) ? boundSocket(AF_INET6, chosen, mark) : -1;
      const joined = [v4, v6].map((fd) => fd < 0 || setOption(fd, SOL_UDP, UDP_GRO, 1)).every(Boolean);
      return { v4, v6, port: chosen, joined };
    } catch (error) {
      libc.close(v4);
      // The system picked a port that only IPv4 has free: another one will do.
      if (port !== 0 || attempt === 8) throw error;
    }
  }
}

/** The same sockets, to which datagrams come one by one. */
export function unjoined(sockets: UdpSockets): UdpSockets {
  for (const fd of [sockets.v4, sockets.v6]) if (fd >= 0) setOption(fd, SOL_UDP, UDP_GRO, 0);
  return { ...sockets, joined: false };
}

/**
 * Opens sockets at another port in place of these: under the same descriptors, so that who uses them goes on.
 * @throws NetfoldError as `openUdpSockets` does; nothing has changed then
 */
export function moveUdpSockets(sockets: UdpSockets, port: number, mark: number): UdpSockets {
  const opened = openUdpSockets(port, mark);
  if (!sockets.joined) unjoined(opened);
  dup3(opened.v4, sockets.v4, O_CLOEXEC);
  if (sockets.v6 >= 0 && opened.v6 >= 0) dup3(opened.v6, sockets.v6, O_CLOEXEC);
  closeUdpSockets(opened);
  return { ...sockets, port: opened.port };
}

/** @throws NetfoldError `host.need_root` */
export function markUdpSockets({ v4, v6, port }: UdpSockets, mark: number): void {
  for (const fd of [v4, v6]) if (fd >= 0 && !setOption(fd, SOL_SOCKET, SO_MARK, mark)) throw udpFailure(port);
}

export function closeUdpSockets({ v4, v6 }: UdpSockets): void {
  libc.close(v4);
  if (v6 >= 0) libc.close(v6);
}

function hasFamily(family: number): boolean {
  const fd = libc.socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return false;
  const bindable = libc.bind(fd, socketName(family, 0).address, SOCKADDR.length6) === 0;
  libc.close(fd);
  return bindable;
}

function boundSocket(family: number, port: number, mark: number): number {
  const fd = libc.socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) throw udpFailure(port);
  if (family === AF_INET6) setOption(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1);
  // Only root may go beyond the limit of the system; less is no reason to fail.
  for (const option of [SO_RCVBUFFORCE, SO_SNDBUFFORCE]) setOption(fd, SOL_SOCKET, option, BUFFER_BYTES);
  const length = family === AF_INET ? SOCKADDR.length4 : SOCKADDR.length6;
  const marked = mark === 0 || setOption(fd, SOL_SOCKET, SO_MARK, mark);
  if (marked && libc.bind(fd, socketName(family, port).address, length) === 0) {
    return fd;
  }
  const failure = udpFailure(port);
  libc.close(fd);
  throw failure;
}

function socketName(family: number, port: number): libc.SystemMemory {
  const memory = new libc.SystemMemory(4096);
  memory.view.setUint16(0, family, true);
  memory.view.setUint16(SOCKADDR.port, port);
  return memory;
}

function portOf(fd: number): number {
  const memory = new libc.SystemMemory(4096);
  const lengthAt = 64;
  memory.view.setUint32(lengthAt, SOCKADDR.length6, true);
  libc.getsockname(fd, memory.address, memory.address + lengthAt);
  return memory.view.getUint16(SOCKADDR.port);
}

function setOption(fd: number, level: number, option: number, value: number): boolean {
  const memory = new libc.SystemMemory(4096);
  memory.view.setUint32(0, value, true);
  return libc.setsockopt(fd, level, option, memory.address, 4) === 0;
}

function udpFailure(port: number): NetfoldError {
  const error = libc.lastError();
  if (error === 'EADDRINUSE') {
    const hint = 'choose another port, or 0 for any that is free';
    return new NetfoldError({
      code: 'host.port_in_use',
      message: `UDP port ${port} is in use by another program`,
      hint,
    });
  }
  if (error === 'EPERM') {
    const hint = 'run as root or with CAP_NET_ADMIN, or start with --userspace';
    return new NetfoldError({ code: 'host.need_root', message: 'the UDP socket may not be marked', hint });
  }
  return new NetfoldError({ code: 'host.udp_failed', message: `cannot open UDP port ${port}: ${error}` });
}
