import { Command } from 'commander';
import { NetfoldError } from '#kernel';
import type { PingReply, PingRequest } from '../../../../agent/src/local-api/messages.js';
import { print } from '../../output/io.js';
import { type CommandFactory, examples } from '../command.js';
import { number, seconds } from '../number-option.js';
import { agentOf, withSocket } from './agent-option.js';

interface PingOptions {
  readonly count: number;
  readonly interval: number;
  readonly timeout: number;
  readonly json?: boolean;
  readonly socket?: string;
}

export const pingCommand: CommandFactory = (io) => {
  const command = withSocket(new Command('ping'))
    .summary('ask another node for an answer, through the tunnel')
    .description(
      'Sends ICMP echo requests through the tunnel, and prints who answered, by which way and how fast: `via` is\n' +
        'followed by the address and port of a direct way, or by relay(NAME).\n' +
        'The exit code is 1 when nothing answered.',
    )
    .argument('<node>', 'a name or an address, be it a node’s own or behind one')
    .option('-c, --count <n>', 'stop after so many; 0: at Ctrl-C', number, 4)
    .option('-i, --interval <seconds>', 'between two of them', seconds, 1000)
    .option('-W, --timeout <seconds>', 'how long to wait for each answer', seconds, 5000)
    .option('--json', 'print one JSON object per line');
  examples(command, ['netfold ping dev-1', 'by name'], ['netfold ping -c 1 192.168.1.10', 'behind a subnet router']);
  return command.action(async (target: string, { json, socket, ...options }: PingOptions) => {
    const request: PingRequest = { target, ...options };
    let answered = 0;
    for await (const reply of agentOf(io, socket).lines<PingReply>('POST /ping', request, io.interrupted)) {
      if (reply.rtt !== undefined) answered++;
      print(io, json ? JSON.stringify(reply) : describe(reply));
    }
    if (answered === 0) throw noAnswer(target);
  });
};

function describe({ via, target, rtt, endpoint, relay, sequence }: PingReply): string {
  if (rtt === undefined) return `no answer from ${target} (${sequence})`;
  const way = relay === undefined ? (endpoint ?? 'an unknown way') : `relay(${relay})`;
  return `pong from ${via ?? target} (${target}) via ${way} in ${wholeMs(rtt)}`;
}

/** `3ms`; below one, `0.41ms`. */
const wholeMs = (ms: number): string => `${ms < 1 ? ms.toFixed(2) : Math.round(ms)}ms`;

const noAnswer = (target: string): NetfoldError =>
  new NetfoldError({
    code: 'cli.no_answer',
    message: `${target} did not answer`,
    hint: 'see with `netfold status` whether it is online; the policy must let this node reach it',
  });
