import { parseArgs } from 'node:util';
import { NetfoldError, problemOf } from '#kernel';
import type { ControlOptions, ListenAddress } from './config/control-options.js';
import { startControl } from './start-control.js';

/** The control plane as a program of its own, for services and containers; people use `netfold server`. */
async function main(words: readonly string[]): Promise<void> {
  const control = await startControl(optionsFrom(words));
  if (control.adminToken !== undefined) {
    process.stdout.write(`The first API token of this server; it is shown only now:\n\n  ${control.adminToken}\n\n`);
  }
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      void control.close();
    });
  }
}

function optionsFrom(words: readonly string[]): ControlOptions {
  const { values } = parseArgs({
    args: [...words],
    options: {
      'state-dir': { type: 'string', default: './netfold-state' },
      store: { type: 'string' },
      kafka: { type: 'string' },
      'secret-file': { type: 'string' },
      'agents-url': { type: 'string' },
      http: { type: 'string' },
      grpc: { type: 'string' },
      'tls-cert': { type: 'string' },
      'tls-key': { type: 'string' },
    },
  });
  const { 'state-dir': stateDir, http, grpc, 'tls-cert': certFile, 'tls-key': keyFile, store, kafka } = values;
  const { 'secret-file': secretFile, 'agents-url': agentsUrl } = values;
  if ((certFile === undefined) !== (keyFile === undefined)) throw halfTls(certFile === undefined);
  return {
    stateDir,
    ...(store !== undefined && { store }),
    ...(kafka !== undefined && { kafka }),
    ...(secretFile !== undefined && { secretFile }),
    ...(agentsUrl !== undefined && { agentsUrl }),
    ...(http !== undefined && { http: listenAddress('--http', http) }),
    ...(grpc !== undefined && { grpc: listenAddress('--grpc', grpc) }),
    ...(certFile !== undefined && keyFile !== undefined && { tls: { certFile, keyFile } }),
  };
}

const halfTls = (certMissing: boolean): NetfoldError =>
  new NetfoldError({
    code: 'control.tls_incomplete',
    message: 'TLS needs a certificate and its key',
    where: certMissing ? '--tls-key' : '--tls-cert',
    hint: `give ${certMissing ? '--tls-cert' : '--tls-key'} too`,
  });

function listenAddress(option: string, text: string): ListenAddress {
  const [, bracketed, plain, port] = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(text) ?? [];
  const host = bracketed ?? plain;
  if (host !== undefined && Number(port) <= 65_535) return { host, port: Number(port) };
  throw new NetfoldError({
    code: 'control.bad_address',
    message: `${JSON.stringify(text)} is not an address to listen on`,
    where: option,
    hint: 'write it like 127.0.0.1:8080 or [::1]:8080',
  });
}

main(process.argv.slice(2)).catch((error: unknown) => {
  const { code, message, where, hint } = problemOf(error);
  process.stderr.write(
    `netfold-control: ${message} (${code})\n${where ? `  at ${where}\n` : ''}${hint ? `  ${hint}\n` : ''}`,
  );
  process.exitCode = 1;
});
