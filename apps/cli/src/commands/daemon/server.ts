import { once } from 'node:events';
import { join } from 'node:path';
import { Command } from 'commander';
import { NetfoldError, problemOf } from '#kernel';
import type { ControlOptions, RunningControl } from '../../../../control/src/index.js';
import { type Io, print, printJson } from '../../output/io.js';
import { painter } from '../../output/style.js';
import { type CommandFactory, examples } from '../command.js';
import { type ListenAddress, listenAddress } from './listen-address.js';
import { serverLinkCommand } from './server-link.js';
import { serverStatusCommand } from './server-status.js';
import { serverTokenCommand } from './server-token.js';
import { addWatchingOptions, type WatchingOptions, watchingOf } from './watching.js';

interface ServerOptions extends WatchingOptions {
  readonly stateDir?: string;
  readonly store?: string;
  readonly kafka?: string;
  readonly secretFile?: string;
  readonly agentsUrl?: string;
  readonly listen?: ListenAddress;
  readonly listenAgents?: ListenAddress;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly url?: string;
  readonly oidc?: string;
  readonly tailnet?: string;
  readonly owner?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

export const serverCommand: CommandFactory = (io) => {
  const command = new Command('server')
    .summary('run the control plane')
    .description(
      'Runs the control plane in the foreground, until Ctrl-C or SIGTERM. The first start makes the network and prints\n' +
        'the first API token, once. Where other machines can connect, TLS is required.',
    )
    .enablePositionalOptions() // what stands behind "token" is for it
    .option('--state-dir <folder>', `the ledger and the server’s secret (default: ${serverStateDirectory(io)})`)
    .option('--store <ledger>', 'where the ledger is, when not there: kurrentdb://HOST, or a file ($NETFOLD_STORE)')
    .option('--kafka <brokers>', 'how replicas hear of each other: HOST:PORT,…, or a file of options ($NETFOLD_KAFKA)')
    .option('--secret-file <file>', 'the secret that all replicas share, 32 bytes ($NETFOLD_SECRET_FILE)')
    .option('--listen <address>', 'for people and programs (default: 127.0.0.1:8080)', listenAddress)
    .option('--listen-agents <address>', 'for agents (default: 127.0.0.1:50443)', listenAddress)
    .option('--tls-cert <file>', 'certificate chain, PEM')
    .option('--tls-key <file>', 'its private key, PEM')
    .option('--url <url>', 'where people reach this server, when that is not where it listens')
    .option(
      '--agents-url <url>',
      'where agents connect to this replica; those of the others are told ($NETFOLD_AGENTS_URL)',
    )
    .option('--oidc <file>', 'whom people sign in with: {"issuers": [{"name", "issuer", "clientId", …}]}')
    .option('--tailnet <name>', 'what the first start calls the network (default: home)')
    .option('--owner <login>', 'who the first start makes its owner, such as alice@example.com')
    .option('--json', 'print where it listens as JSON')
    .option('--quiet', 'print nothing: no log is to keep the first API token (see: netfold server token)');
  addWatchingOptions(command);
  command.addCommand(serverTokenCommand(serverStateDirectory(io))(io));
  command.addCommand(serverLinkCommand(serverStateDirectory(io))(io));
  command.addCommand(serverStatusCommand(io));
  examples(
    command,
    ['netfold server', 'on this machine only'],
    [
      'netfold server --store "kurrentdb://netfold@db.example.com?passwordFile=/etc/netfold/db"',
      'with the ledger in a database of its own',
    ],
    [
      'netfold server --store "kurrentdb://netfold@db?passwordFile=/etc/netfold/db" --kafka kafka:9092 \\\n      --secret-file /etc/netfold/secret --agents-url https://r1.example.com:50443',
      'one replica of several',
    ],
    [
      'netfold server --listen 0.0.0.0:443 --listen-agents 0.0.0.0:50443 \\\n      --tls-cert cert.pem --tls-key key.pem',
      '',
    ],
  );
  return command.action(async (options: ServerOptions) => {
    const { startControl } = await import('../../../../control/src/index.js');
    const control = await startControl(controlOptions(io, options)).catch((error: unknown) => {
      // It waited for its store, and was told to end.
      if (io.interrupted.aborted && problemOf(error).code === 'store.closed') return undefined;
      throw error;
    });
    if (!control) return;
    if (options.json) printJson(io, summary(control));
    else if (!options.quiet) welcome(io, { ...control, ...(options.url && { httpUrl: options.url }) });
    io.started();
    if (!io.interrupted.aborted) await once(io.interrupted, 'abort');
    await control.close();
  });
};

/** Where a server keeps its files when it is not told. */
export const serverStateDirectory = ({ env, home, uid }: Io): string =>
  uid === 0 ? '/var/lib/netfold/server' : join(env.XDG_STATE_HOME || join(home, '.local/state'), 'netfold/server');

function controlOptions(
  io: Io,
  { listen, listenAgents, url, oidc, tailnet, owner, tlsCert, tlsKey, ...options }: ServerOptions,
): ControlOptions {
  if (!tlsCert !== !tlsKey) throw halfTls(tlsCert ? '--tls-key' : '--tls-cert');
  const store = options.store ?? io.env.NETFOLD_STORE;
  const kafka = options.kafka ?? io.env.NETFOLD_KAFKA;
  const secretFile = options.secretFile ?? io.env.NETFOLD_SECRET_FILE;
  const agentsUrl = options.agentsUrl ?? io.env.NETFOLD_AGENTS_URL;
  return {
    stateDir: options.stateDir ?? serverStateDirectory(io),
    ...(store && { store }),
    ...(kafka && { kafka }),
    ...(secretFile && { secretFile }),
    ...(agentsUrl && { agentsUrl }),
    interrupted: io.interrupted,
    ...watchingOf(io, options),
    ...(listen && { http: listen }),
    ...(listenAgents && { grpc: listenAgents }),
    ...(tlsCert && tlsKey && { tls: { certFile: tlsCert, keyFile: tlsKey } }),
    ...(url && { url }),
    ...(oidc && { oidcFile: oidc }),
    tailnet: { ...(tailnet && { name: tailnet }), ...(owner && { ownerLogin: owner }) },
  };
}

const halfTls = (where: string): NetfoldError =>
  new NetfoldError({ code: 'cli.usage', message: 'a certificate and its key come together', where, hint: 'name both' });

const summary = ({ httpUrl, grpcAddress, metricsUrl, adminToken, ownerLink }: RunningControl) => ({
  httpUrl,
  grpcAddress,
  metricsUrl,
  adminToken,
  ownerLink,
});

function welcome(io: Io, { httpUrl, adminToken, ownerLink }: RunningControl): void {
  const paint = painter(io);
  print(io, `The control plane is at ${paint('bold', httpUrl)}`);
  if (adminToken) {
    print(
      io,
      '',
      'The first API token of this server. It is shown only now, so keep it:',
      '',
      `  ${paint('bold', adminToken)}`,
      '',
      'To sign in as the owner with a browser, once, within a day:',
      '',
      `  ${paint('bold', ownerLink ?? '')}`,
    );
  }
  print(
    io,
    '',
    `As an admin:           netfold login --server ${httpUrl}`,
    'A key for machines:    netfold key create --reusable > key',
    'On a machine:          sudo netfold agent &',
    `                       sudo netfold up --server ${httpUrl}`,
  );
}
