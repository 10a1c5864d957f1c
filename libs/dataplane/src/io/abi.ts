// What the kernel and libc agree on, for x86-64 and arm64 alike; all numbers are little-endian, but for ports.

/** sys/socket.h, netinet/in.h */
export const AF_UNIX = 1;
export const AF_INET = 2;
export const AF_INET6 = 10;
export const SOCK_DGRAM = 2;
export const SOCK_SEQPACKET = 5;
export const SOCK_CLOEXEC = 0o2000000;
export const SOL_SOCKET = 1;
export const SO_ATTACH_FILTER = 26;
export const SO_DETACH_FILTER = 27;
export const SO_SNDBUFFORCE = 32;
export const SO_RCVBUFFORCE = 33;
export const SO_MARK = 36;
export const IPPROTO_IPV6 = 41;
export const IPV6_V6ONLY = 26;
export const MSG_DONTWAIT = 0x40;

/** netinet/udp.h */
export const SOL_UDP = 17;
export const UDP_SEGMENT = 103;
export const UDP_GRO = 104;
/** The most segments that one UDP_SEGMENT message may have (UDP_MAX_SEGMENTS), and the most bytes. */
export const MOST_SEGMENTS = 64;
export const MOST_PAYLOAD = 65_507;

/** poll.h: struct pollfd { int fd; short events; short revents; } */
export const POLLIN = 1;
export const POLLFD = { size: 8, events: 4, revents: 6 } as const;

/** struct mmsghdr: a struct msghdr, then how much was sent or received. */
export const MMSGHDR = {
  size: 64,
  name: 0,
  nameLength: 8,
  vector: 16,
  vectorLength: 24,
  control: 32,
  controlLength: 40,
  length: 56,
} as const;

/** struct iovec */
export const IOVEC = { size: 16, base: 0, length: 8 } as const;

/** struct cmsghdr: its length includes the header. */
export const CMSGHDR = { length: 0, level: 8, type: 12, data: 16 } as const;

/** struct sockaddr_in and struct sockaddr_in6: the family, the port in network order, the rest. */
export const SOCKADDR = { port: 2, address4: 4, length4: 16, address6: 8, length6: 28, room: 32 } as const;

/** linux/filter.h: struct sock_fprog is how many instructions there are, and where. */
export const SOCK_FPROG = { size: 16, instructions: 8, instruction: 8 } as const;

/** struct virtio_net_hdr of linux/virtio_net.h */
export const VNET = {
  size: 10,
  flags: 0,
  gsoType: 1,
  headerLength: 2,
  gsoSize: 4,
  checksumStart: 6,
  checksumOffset: 8,
} as const;
/** The checksum field holds the sum of the pseudo header; the rest is to be added. */
export const NEEDS_CSUM = 1;
/** The checksum was verified. */
export const DATA_VALID = 2;
export const GSO = { none: 0, tcp4: 1, tcp6: 4, udp: 5, ecn: 0x80 } as const;
