import type { DataPathFeatures } from '#dataplane';
import type { Problem } from '#kernel';

/**
 * Where packets are not carried in the best of ways, in sentences. Userspace networking has no thread of its own by
 * design: that is no fallback.
 * @param hasInterface whether packets come and go through an interface of the host
 * @param threadProblem why no thread of its own carries packets, where one was to
 */
export function fallbacksOf(features: DataPathFeatures, hasInterface: boolean, threadProblem?: Problem): string[] {
  const { kind, crypto, cryptos, tcpOffload, udpOffload, sendOffload, receiveOffload } = features;
  const why = threadProblem ? `: ${threadProblem.message}` : '';
  const wrong = cryptos.filter(({ rejected }) => rejected?.startsWith('wrong'));
  const found: (string | false)[] = [
    hasInterface && kind === 'inline' && `packets are carried beside all else that the agent does, which is slow${why}`,
    kind === 'worker' && !tcpOffload && 'the kernel hands over packets one by one (no TUN offload)',
    kind === 'worker' &&
      tcpOffload &&
      !udpOffload &&
      'the kernel hands over UDP packets one by one (no TUN offload of UDP, which Linux has since 6.2)',
    kind === 'worker' && !sendOffload && 'the kernel does not split what is sent to peers (no UDP_SEGMENT)',
    kind === 'worker' && !receiveOffload && 'the kernel does not join what comes from peers (no UDP_GRO)',
    crypto === 'noble' && 'packets are sealed by JavaScript alone, which is slow',
    ...wrong.map(({ name, rejected }) => `the cryptography ${JSON.stringify(name)} is not used: ${rejected}`),
  ];
  return found.filter((sentence) => sentence !== false);
}
