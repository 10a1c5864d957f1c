import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

/** A self-signed certificate for one address, made in `folder`. */
export function makeCertificate(folder: string, address: string): { cert: string; key: string } {
  const cert = join(folder, 'server.crt');
  const key = join(folder, 'server.key');
  execFileSync(
    'openssl',
    ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '1'].concat([
      '-subj',
      '/CN=netfold lab',
      '-addext',
      `subjectAltName=IP:${address}`,
      '-keyout',
      key,
      '-out',
      cert,
    ]),
    { stdio: 'ignore' },
  );
  return { cert, key };
}
