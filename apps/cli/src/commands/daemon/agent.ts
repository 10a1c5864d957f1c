import { once } from 'node:events';
import { Command, Option } from 'commander';
import { CRYPTO_NAMES, type CryptoChoice } from '#crypto';
import { agentSocket, agentStateDirectory } from '../../../../agent/src/local-api/agent-paths.js';
import { print, remark } from '../../output/io.js';
import { type CommandFactory, examples } from '../command.js';
import { list } from '../local/list-option.js';
import { type ListenAddress, listenAddress } from './listen-address.js';

interface AgentCommandOptions {
  readonly stateDir?: string;
  readonly socket?: string;
  readonly userspaceHosts?: readonly string[];
  readonly socks5Server?: ListenAddress;
  readonly httpProxy?: ListenAddress;
  readonly metrics?: ListenAddress;
  readonly flowLogs?: boolean;
  readonly crypto: CryptoChoice;
  readonly cleanup?: boolean;
}

const NOTHING = 'Nothing was left behind.';

export const agentCommand: CommandFactory = (io) => {
  const command = new Command('agent')
    .summary('run the node daemon')
    .description(
      'Runs the node daemon in the foreground, until Ctrl-C or SIGTERM. As root it makes a network interface; as an\n' +
        'ordinary user it works with userspace networking. `netfold up` then connects the machine.\n\n' +
        'With --flow-logs the control plane is told, once a minute and at the end, which flows there were with other\n' +
        'nodes: peer, protocol, addresses, ports, who began, and the times of the first and the last packet. It is not\n' +
        'told of contents or amounts, nor of what was refused. It publishes this to Kafka, for whoever may read its\n' +
        'topic netfold.flows.v1; a server without Kafka does not ask, and is told nothing.',
    )
    .option('--state-dir <folder>', `keys, settings and the last netmap (default: ${agentStateDirectory(io)})`)
    .option('--socket <path>', `where it listens for commands (default: ${agentSocket(io)})`)
    .option(
      '--userspace-hosts <addresses>',
      'answer at these addresses too, as machines behind this one (userspace only)',
      list,
    )
    .option('--socks5-server <address>', 'a SOCKS5 proxy into the network, on loopback (userspace only)', listenAddress)
    .option('--http-proxy <address>', 'an HTTP proxy into the network, on loopback (userspace only)', listenAddress)
    .option(
      '--metrics <address>',
      'where Prometheus reads /metrics, such as 127.0.0.1:9465 (default: nowhere)',
      listenAddress,
    )
    .option('--flow-logs', 'tell the control plane, once a minute, which flows this machine had (default: nothing)')
    .option('--cleanup', 'run nothing: take back what an agent that was killed has left on this machine, and say what')
    .addOption(
      new Option('--crypto <name>', 'the implementation of the ciphers (auto: the fastest that is right here)')
        .choices(['auto', ...CRYPTO_NAMES])
        .default('auto')
        .env('NETFOLD_CRYPTO'),
    );
  examples(
    command,
    ['sudo netfold agent', 'this machine’s agent'],
    ['netfold agent --socks5-server 127.0.0.1:1055', 'then: curl --proxy socks5h://127.0.0.1:1055 http://web-1/'],
    ['netfold agent --state-dir /tmp/a --socket /tmp/a/sock', 'another one beside it'],
    ['sudo netfold agent --cleanup', 'after kill -9: rules, routes, source NAT and the resolver as they were'],
  );
  return command.action(async ({ cleanup, socks5Server, httpProxy, ...options }: AgentCommandOptions) => {
    // Only here: every other command starts faster without it.
    const { cleanUp, startAgent } = await import('../../../../agent/src/index.js');
    const stateDir = options.stateDir ?? agentStateDirectory(io);
    if (cleanup) {
      const removed = await cleanUp({ stateDir, socket: options.socket ?? agentSocket(io) });
      return print(io, ...(removed.length > 0 ? removed.map((what) => `Taken back: ${what}`) : [NOTHING]));
    }
    const log = (line: string) => remark(io, `netfold agent: ${line}`);
    const proxies = {
      ...(socks5Server && { socks5Server: { address: socks5Server.host, port: socks5Server.port } }),
      ...(httpProxy && { httpProxy: { address: httpProxy.host, port: httpProxy.port } }),
    };
    const agent = await startAgent({
      ...options,
      ...proxies,
      stateDir,
      socket: options.socket ?? agentSocket(io),
      log,
    });
    log(`listening at ${agent.socket}`);
    io.started();
    if (!io.interrupted.aborted) await once(io.interrupted, 'abort');
    return agent.stop();
  });
};
