import type { Host } from './host.js';

const PORT = 8080;

/** Has a host tell whoever asks over HTTP which host it is, and at which address it sees the asker. */
export function tellWho(host: Host): void {
  const program = `require('node:http').createServer((request, answer) => {
    const from = request.socket.remoteAddress.replace(/^::ffff:/, '');
    process.stdout.write(from + '\\n');
    answer.end(${JSON.stringify(host.name)} + ' ' + from);
  }).listen({ host: '::', port: ${PORT} })`;
  host.start('who', process.execPath, ['-e', program]);
}

/** Asks the host at an address: `printer 192.168.7.1`; empty when no answer comes. */
export async function askWho(from: Host, address: string, ...words: string[]): Promise<string> {
  const target = address.includes(':') ? `[${address}]` : address;
  const options = ['--silent', '--max-time', '1', '--connect-timeout', '1', ...words];
  return (await from.run('curl', [...options, `http://${target}:${PORT}/`])).stdout;
}
