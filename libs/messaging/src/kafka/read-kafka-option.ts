import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { z } from 'zod';
import { NetfoldError } from '#kernel';
import type { KafkaSettings } from './kafka-settings.js';

const WHERE = '--kafka';
const HOST_PORT = /^(?:\[[0-9a-f:.]+\]|[a-z0-9._-]+):([0-9]{1,5})$/i;

const broker = z.string().refine(isHostPort, 'is not host:port');

const optionsFile = z.strictObject({
  brokers: z.array(broker).min(1),
  tls: z
    .union([
      z.boolean(),
      z.strictObject({
        caFile: z.string().optional(),
        certFile: z.string().optional(),
        keyFile: z.string().optional(),
        serverName: z.string().optional(),
      }),
    ])
    .optional(),
  sasl: z
    .strictObject({
      mechanism: z.enum(['plain', 'scram-sha-256', 'scram-sha-512']),
      username: z.string().min(1),
      passwordFile: z.string(),
    })
    .optional(),
  groupPrefix: z.string().min(1).max(100).optional(),
  partitions: z.int().min(1).max(10_000).optional(),
  replicationFactor: z.int().min(1).max(100).optional(),
});

type OptionsFile = z.infer<typeof optionsFile>;

/**
 * What `--kafka` says: `host:port[,host:port…]`, the same behind `kafkas://` for TLS with the certificates that this machine
 * trusts, or the path of a JSON file for everything else (see the README beside this lib). A password never stands in the
 * option, which every user of the machine can read.
 * @throws NetfoldError `bus.bad_option`, `bus.password_in_option`, `bus.options_unreadable`
 */
export function readKafkaOption(option: string): KafkaSettings {
  const [, scheme, rest = ''] = /^(?:(kafkas?):\/\/)?(.*)$/s.exec(option) ?? [];
  if (/@/.test(rest) && !rest.startsWith('/') && !rest.startsWith('.')) throw passwordInOption();
  const otherScheme = /^[a-z][a-z0-9+.-]*:\/\//i.test(rest);
  if (scheme === undefined && !otherScheme && (/[/\\]/.test(rest) || rest.endsWith('.json')))
    return readOptionsFile(rest);
  const brokers = rest.replace(/\/$/, '').split(',');
  if (!brokers.every(isHostPort)) throw badOption('it is not a list of host:port');
  return { brokers, ...(scheme === 'kafkas' && { tls: {} }) };
}

function isHostPort(text: string): boolean {
  const port = Number(HOST_PORT.exec(text)?.[1]);
  return port >= 1 && port <= 65_535;
}

function readOptionsFile(path: string): KafkaSettings {
  const parsed = optionsFile.safeParse(parseJson(readText(path), path));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw badOption(issue?.message ?? 'it has another form', `${path}: ${issue?.path.join('.') || 'the whole'}`);
  }
  const { brokers, tls, sasl, groupPrefix, partitions, replicationFactor } = parsed.data;
  const beside = (file: string) => readText(resolve(dirname(path), file));
  return {
    brokers,
    ...(tls && { tls: tls === true ? {} : readTls(tls, beside) }),
    ...(sasl && { sasl: readSasl(sasl, beside) }),
    ...(groupPrefix !== undefined && { groupPrefix }),
    ...(partitions !== undefined && { partitions }),
    ...(replicationFactor !== undefined && { replicationFactor }),
  };
}

const readTls = (
  { caFile, certFile, keyFile, serverName }: Exclude<OptionsFile['tls'], boolean | undefined>,
  read: (file: string) => string,
): KafkaSettings['tls'] => ({
  ...(caFile !== undefined && { ca: read(caFile) }),
  ...(certFile !== undefined && { cert: read(certFile) }),
  ...(keyFile !== undefined && { key: read(keyFile) }),
  ...(serverName !== undefined && { serverName }),
});

const readSasl = (
  { mechanism, username, passwordFile }: NonNullable<OptionsFile['sasl']>,
  read: (file: string) => string,
): NonNullable<KafkaSettings['sasl']> => ({ mechanism, username, password: read(passwordFile).replace(/\r?\n$/, '') });

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    const message = `${path} cannot be read: ${cause instanceof Error ? cause.message : cause}`;
    throw new NetfoldError({ code: 'bus.options_unreadable', message, where: WHERE }, { cause });
  }
}

function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // What the parser says quotes the text.
    throw badOption('it is not JSON', path);
  }
}

const badOption = (message: string, where = WHERE): NetfoldError =>
  new NetfoldError({
    code: 'bus.bad_option',
    message: `what says how to reach Kafka cannot be used: ${message}`,
    where,
    hint: 'name brokers as host:port[,host:port], kafkas://host:port for TLS, or the path of a JSON file for more',
  });

const passwordInOption = (): NetfoldError =>
  new NetfoldError({
    code: 'bus.password_in_option',
    message: 'a user and a password do not belong into an option, which everybody on this machine can read',
    where: WHERE,
    hint: 'write {"brokers": […], "sasl": {"mechanism", "username", "passwordFile"}} into a file and name that',
  });
