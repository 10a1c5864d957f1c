/** `forbidden` is a well-formed packet that no mesh has a use for: source routing above all. */
export type Decoded = 'ok' | 'malformed' | 'forbidden';

/**
 * How much of the packet there must be: all of it, or what an ICMP error quotes of it, whose end is cut off
 * (RFC 792: the IP header and 64 bits; RFC 4443: as much as fits).
 */
export type Extent = 'whole' | 'quoted';
