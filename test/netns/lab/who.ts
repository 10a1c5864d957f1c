import type { Host, Running } from './host.js';

const PORT = 8080;

/**
 * Has a host tell whoever asks over HTTP which host it is, and at which address it sees the asker. Its output is these
 * addresses, a line each.
 */
export function tellWho(host: Host): Running {
  const program = `require('node:http').createServer((request, answer) => {
    const from = request.socket.remoteAddress.replace(/^::ffff:/, '');
    process.stdout.write(from + '\\n');
    answer.end(${JSON.stringify(host.name)} + ' ' + from);
  }).listen({ host: '::', port: ${PORT} })`;
  return host.start('who', process.execPath, ['-e', program]);
}

/** Asks the host at an address: `printer 192.168.7.1`; empty when no answer comes. */
export async function askWho(from: Host, address: string, ...words: string[]): Promise<string> {
  const target = address.includes(':') ? `[${address}]` : address;
  const options = ['--silent', '--max-time', '1', '--connect-timeout', '1', ...words];
  return (await from.run('curl', [...options, `http://${target}:${PORT}/`])).stdout;
}

/** Asks the hosts at these addresses again and again. */
export function keepAsking(from: Host, ...addresses: string[]): Running {
  const targets = addresses.map((address) => `http://${address.includes(':') ? `[${address}]` : address}:${PORT}/`);
  const ask = `curl --silent --max-time 0.3 ${targets.map((target) => `'${target}'`).join(' ')}`;
  return from.start('asking', 'sh', ['-c', `while :; do ${ask}; sleep 0.02; done`]);
}
