// ICMP echo: RFC 792 (IPv4) and RFC 4443, section 4 (IPv6).
const ICMP = 1;
const ICMPV6 = 58;
const REPLY = 0;
const REPLY_V6 = 129;

/** Whether the packet in `bytes[offset, offset + length)` is an echo reply with this identifier. */
export function isEchoReply(bytes: Uint8Array, offset: number, length: number, identifier: number): boolean {
  const first = bytes[offset] ?? 0;
  const v4 = first >> 4 === 4;
  const start = offset + (v4 ? (first & 15) * 4 : 40);
  if (start + 8 > offset + length) return false;
  if (bytes[offset + (v4 ? 9 : 6)] !== (v4 ? ICMP : ICMPV6) || bytes[start] !== (v4 ? REPLY : REPLY_V6)) return false;
  return (((bytes[start + 4] as number) << 8) | (bytes[start + 5] as number)) === identifier;
}
