import type { NetcheckReport, WayOut } from '../local-api/netcheck-report.js';

/** Keys and sign-ins expire by the clock, and logs of several machines are read side by side: milliseconds. */
const CLOCK_TOLERANCE = 5_000;

// What WireGuard puts around a packet: IP, UDP, and 32 bytes of its own (whitepaper, section 5.4.6).
const OVERHEAD = { IPv4: 20 + 8 + 32, IPv6: 40 + 8 + 32 };

/**
 * What of the measurements a person should look at, in sentences.
 * @param tunnelMtu the largest packet that the tunnel carries
 */
export function netcheckProblems(report: Omit<NetcheckReport, 'Problems'>, tunnelMtu: number): string[] {
  const { UDP, IPv4, IPv6, Tunnel, Control } = report;
  const narrow = (family: 'IPv4' | 'IPv6', { Interface, MTU }: WayOut) =>
    MTU !== undefined &&
    Interface !== Tunnel.Interface &&
    MTU < tunnelMtu + OVERHEAD[family] &&
    `${Interface} carries packets of ${MTU} bytes, and the tunnel needs ${tunnelMtu + OVERHEAD[family]} over ${family}: large ones are lost or split`;
  const found: (string | false | undefined)[] = [
    Control.Problem !== undefined && `the control plane cannot be reached: ${Control.Problem}`,
    Control.AgentsProblem !== undefined &&
      `the port for agents cannot be reached at ${Control.AgentsURL}: ${Control.AgentsProblem}`,
    clockProblem(Control),
    UDP.Works === false && `none of the ${UDP.PeersTried} peers called on has answered: UDP may be blocked on the way`,
    IPv4.Problem !== undefined && IPv6.Problem !== undefined && 'there is no way to the internet, by IPv4 or by IPv6',
    narrow('IPv4', IPv4),
    narrow('IPv6', IPv6),
  ];
  return found.filter((sentence) => typeof sentence === 'string');
}

/** Only what is certain counts: the error may hide as much in either direction. */
function clockProblem({ ClockOffset = 0, ClockError = 0 }: NetcheckReport['Control']): string | undefined {
  if (Math.abs(ClockOffset) - ClockError <= CLOCK_TOLERANCE) return undefined;
  const seconds = Math.round(Math.abs(ClockOffset) / 1000);
  return `the clock of this machine is ${seconds} s ${ClockOffset > 0 ? 'behind' : 'ahead of'} the server's: set one of them right`;
}
