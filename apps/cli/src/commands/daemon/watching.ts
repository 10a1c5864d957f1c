import { type Command, InvalidArgumentError, Option } from 'commander';
import type { ControlOptions } from '../../../../control/src/index.js';
import type { Io } from '../../output/io.js';
import { type ListenAddress, listenAddress } from './listen-address.js';

/** How a server is watched. */
export interface WatchingOptions {
  readonly metrics?: ListenAddress | 'none';
  readonly logLevel?: NonNullable<ControlOptions['logLevel']>;
}

/** What Prometheus expects of an exporter on this machine; taken by another server, it is left out. */
const DEFAULT_METRICS = { host: '127.0.0.1', port: 9464, mayFail: true };
const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'silent'];

export function addWatchingOptions(command: Command): void {
  command
    .option('--metrics <address>', 'where Prometheus reads /metrics, or none (default: 127.0.0.1:9464)', metricsAddress)
    .addOption(new Option('--log-level <level>', 'how much is told on stderr (default: info)').choices(LEVELS))
    .addHelpText(
      'after',
      '\nTraces are sent where $OTEL_EXPORTER_OTLP_ENDPOINT says (OTLP over HTTP), of the part of requests that\n' +
        '$OTEL_TRACES_SAMPLER_ARG says (0 to 1).',
    );
}

/** @throws NetfoldError, later and from the server, when the environment names no collector that can be one */
export function watchingOf({ env }: Io, { metrics, logLevel }: WatchingOptions): Partial<ControlOptions> {
  const endpoint = env.OTEL_EXPORTER_OTLP_ENDPOINT;
  const ratio = Number(env.OTEL_TRACES_SAMPLER_ARG || 1);
  return {
    ...(metrics !== 'none' && { metrics: metrics ?? DEFAULT_METRICS }),
    ...(logLevel && { logLevel }),
    ...(endpoint && { traces: { endpoint, ratio } }),
  };
}

function metricsAddress(text: string): ListenAddress | 'none' {
  if (text === 'none') return text;
  try {
    return listenAddress(text);
  } catch {
    throw new InvalidArgumentError('Write it like 127.0.0.1:9464 or [::1]:9464, or none.');
  }
}
