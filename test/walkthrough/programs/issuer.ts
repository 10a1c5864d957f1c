// The identity provider of the walk-through: people say who they are, and are believed.
// Takes its host name, the URL of the control plane, a certificate and its key.
import { readFileSync } from 'node:fs';
import { TestIssuer } from '../../../apps/control/src/testing/test-issuer.js';

const [host = '', control = '', cert = '', key = ''] = process.argv.slice(2);
const tls = { cert: readFileSync(cert), key: readFileSync(key) };
const issuer = await TestIssuer.start([`${control}/login/example/callback`], host, 8443, tls);
for (const [login, name] of [
  ['alice@example.com', 'Alice'],
  ['bob@example.com', 'Bob'],
] as const) {
  issuer.people.set(login, { email: login, email_verified: true, name });
}
console.log(`issuer at ${issuer.url}`);
