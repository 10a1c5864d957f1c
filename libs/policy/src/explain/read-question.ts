import { parsePorts } from '../language/ports.js';
import { hasPorts, parseProtocol, TCP } from '../language/protocols.js';
import { splitPorts } from '../language/read-access.js';
import type { AccessQuestion } from './explain-access.js';

/** Reads `DST:PORT[/PROTO]`, or `DST/PROTO` for a protocol without ports; or says what is wrong with it. TCP by default. */
export function readAccessQuestion(src: string, destination: string): AccessQuestion | string {
  const slash = destination.lastIndexOf('/');
  const numbers = slash < 0 ? undefined : parseProtocol(destination.slice(slash + 1));
  const named = typeof numbers === 'object' && /[a-z]/i.test(destination.slice(slash + 1)) ? numbers[0] : undefined;
  const rest = named === undefined ? destination : destination.slice(0, slash);
  const protocol = named ?? TCP;
  if (!hasPorts(protocol)) return { src, dst: rest.replace(/:\*?$/, ''), port: 0, protocol };
  const split = splitPorts(rest);
  const ports = split && parsePorts(split.ports);
  if (!split || !ports || PREFIX.test(split.target))
    return `${JSON.stringify(destination)} names no port: write it like ${rest}:443 or ${rest}:53/udp`;
  const [range] = typeof ports === 'string' ? [] : ports;
  if (!range || ports.length !== 1 || range.first !== range.last)
    return `${JSON.stringify(split.ports)} is not a single port`;
  return { src, dst: split.target, port: range.first, protocol };
}

/** What stands before the colon of a name, and so before no port. */
const PREFIX = /^(?:tag|group|autogroup|ipset|host)$/;
