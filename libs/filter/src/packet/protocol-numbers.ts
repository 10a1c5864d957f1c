// IANA "Assigned Internet Protocol Numbers"; extension headers are those of RFC 8200, section 4.
export const HOP_BY_HOP = 0;
export const ICMP = 1;
export const TCP = 6;
export const UDP = 17;
export const DCCP = 33;
export const ROUTING = 43;
export const FRAGMENT = 44;
export const AUTHENTICATION = 51;
export const ICMPV6 = 58;
export const DESTINATION_OPTIONS = 60;
export const SCTP = 132;
export const UDP_LITE = 136;

/** Those whose header begins with a source port and a destination port. */
export const hasPorts = (protocol: number): boolean =>
  protocol === TCP || protocol === UDP || protocol === SCTP || protocol === DCCP || protocol === UDP_LITE;

/** RFC 9293, section 3.1. */
export const TCP_FLAG = { fin: 0x01, syn: 0x02, rst: 0x04, ack: 0x10 } as const;

/** RFC 792. */
export const ICMP_TYPE = { echoReply: 0, unreachable: 3, echo: 8, timeExceeded: 11, parameterProblem: 12 } as const;

/** RFC 4443, section 2.1: errors are the types below 128. */
export const ICMPV6_TYPE = { unreachable: 1, parameterProblem: 4, echo: 128, echoReply: 129 } as const;
