import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { NetfoldError } from '#kernel';
import type { ControlOptions, ListenAddress } from './control-options.js';

/** A certificate chain and its private key, both PEM. */
export interface TlsFiles {
  readonly cert: Buffer;
  readonly key: Buffer;
}

/**
 * Reads the certificate, if there is one. Tokens and auth keys are bearer secrets, so without one, only this machine
 * may connect.
 * @throws NetfoldError `control.tls_needed`, `control.tls_unreadable`
 */
export function loadTls(tls: ControlOptions['tls'], listeners: readonly ListenAddress[]): TlsFiles | undefined {
  if (tls) return { cert: read(tls.certFile, '--tls-cert'), key: read(tls.keyFile, '--tls-key') };
  const open = listeners.find(({ host }) => !isLoopback(host));
  if (!open) return undefined;
  throw new NetfoldError({
    code: 'control.tls_needed',
    message: `${open.host} can be reached from other machines, and there is no certificate`,
    where: `${open.host}:${open.port}`,
    hint: 'give --tls-cert and --tls-key, or listen on 127.0.0.1 behind a proxy that terminates TLS',
  });
}

function isLoopback(host: string): boolean {
  if (isIP(host) === 4) return host.startsWith('127.');
  return host === '::1' || host === 'localhost';
}

function read(file: string, where: string): Buffer {
  try {
    return readFileSync(file);
  } catch (cause) {
    throw new NetfoldError(
      {
        code: 'control.tls_unreadable',
        message: `${file} cannot be read: ${cause instanceof Error ? cause.message : cause}`,
        where,
        hint: 'name a PEM file that this user may read',
      },
      { cause },
    );
  }
}
