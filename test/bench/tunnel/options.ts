import { parseArgs } from 'node:util';
import { NetfoldError } from '#kernel';
import { ALL_SCENARIOS } from './scenarios/all-scenarios.js';

export interface Options {
  readonly json: string | undefined;
  readonly rounds: number;
  readonly seconds: number;
  readonly mtu: number;
  /** Names of scenarios. */
  readonly only: readonly string[];
  /** Programs of wireguard-go. */
  readonly peers: readonly string[];
  readonly inline: boolean;
  readonly mixed: boolean;
}

const SCENARIOS = ALL_SCENARIOS.map(({ name, summary }) => `  ${name.padEnd(12)}${summary}`).join('\n');

export const HELP = `npm run bench:tunnel [-- OPTIONS]

What a tunnel carries and what it costs: netfold beside Debian's wireguard-go, any other wireguard-go, and the same link
without a tunnel, in turns. Both ends, the load and iperf3 share this machine: compare figures of the same run only.
Needs root, and takes place in network namespaces of its own, which are gone afterwards.

  --json FILE     writes every figure of every round to this file
  --only NAMES    only these scenarios, with commas between them
  --rounds N      how often each contender has its turn (3)
  --seconds N     how long each part of a measurement lasts (3)
  --mtu N         of the tunnels (1420)
  --peer PATH     another wireguard-go to compare with; may be repeated
  --inline        netfold without its worker thread too
  --mixed         netfold at one end and wireguard-go at the other too
  --help          this text

Scenarios:
${SCENARIOS}

Examples:
  npm run bench:tunnel
  npm run bench:tunnel -- --only tcp,ping --rounds 5 --json result.json
  npm run bench:tunnel -- --peer /usr/local/bin/wireguard`;

/**
 * @returns undefined when help was asked for
 * @throws NetfoldError `bench.bad_option`
 */
export function readOptions(words: readonly string[]): Options | undefined {
  const { values } = parsed(words);
  if (values.help) return undefined;
  const only = values.only?.split(',') ?? ALL_SCENARIOS.map(({ name }) => name);
  const unknown = only.find((name) => !ALL_SCENARIOS.some((scenario) => scenario.name === name));
  if (unknown !== undefined) throw badOption(`there is no scenario ${JSON.stringify(unknown)}`);
  return {
    json: values.json,
    rounds: whole('rounds', values.rounds, 1),
    seconds: whole('seconds', values.seconds, 1),
    mtu: whole('mtu', values.mtu, 576),
    only,
    peers: values.peer,
    inline: values.inline,
    mixed: values.mixed,
  };
}

function parsed(words: readonly string[]) {
  try {
    return parseArgs({
      args: [...words],
      options: {
        json: { type: 'string' },
        only: { type: 'string' },
        rounds: { type: 'string', default: '3' },
        seconds: { type: 'string', default: '3' },
        mtu: { type: 'string', default: '1420' },
        peer: { type: 'string', multiple: true, default: [] },
        inline: { type: 'boolean', default: false },
        mixed: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    });
  } catch (error) {
    throw badOption(error instanceof Error ? error.message : String(error));
  }
}

function whole(name: string, value: string, least: number): number {
  if (/^\d{1,5}$/.test(value) && Number(value) >= least) return Number(value);
  throw badOption(`--${name} takes a whole number of at least ${least}`);
}

const badOption = (message: string): NetfoldError =>
  new NetfoldError({ code: 'bench.bad_option', message, hint: 'npm run bench:tunnel -- --help tells which there are' });
