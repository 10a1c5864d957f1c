import { readFileSync } from 'node:fs';
import { NetfoldError, problemOf } from '#kernel';

/** Where a KurrentDB is, how to talk to it and which of its ledgers is meant. */
export interface KurrentAddress {
  /** What messages call the store: its hosts and the ledger, without user and password. */
  readonly name: string;
  /** More than one are members of a cluster, of which the leader is asked for. */
  readonly hosts: readonly Endpoint[];
  /** The one host is a DNS name of all members of a cluster. */
  readonly discover: boolean;
  /** Keeps the streams of this ledger apart from everything else that is stored there. */
  readonly ledger: string;
  readonly user?: { readonly username: string; readonly password: string };
  /** Undefined only when the connection is meant to be plain text. */
  readonly tls?: { readonly ca?: Buffer; readonly key?: Buffer; readonly cert?: Buffer };
  /** How long one request may take, in milliseconds. */
  readonly deadline: number;
  /** What the server calls this client in its log. */
  readonly connectionName?: string;
  readonly keepAliveInterval?: number;
  readonly keepAliveTimeout?: number;
}

export interface Endpoint {
  readonly address: string;
  readonly port: number;
}

const SCHEME = /^(?:kurrentdb|kurrent|kdb|esdb)(\+discover)?:\/\//;
const DEFAULT_PORT = 2113;
const DEFAULT_DEADLINE = 5_000;
/** What the name of a ledger may be, so that no stream of one can be taken for a stream of another. */
const LEDGER_NAME = /^[a-z][a-z0-9_-]{0,49}$/;

/** Whether a URL names a ledger in KurrentDB. */
export const isKurrentUrl = (url: string): boolean => SCHEME.test(url);

/**
 * Reads a connection string as clients of KurrentDB know it:
 * `kurrentdb://USER:PASSWORD@HOST:PORT,HOST:PORT?tls=true&tlsCaFile=FILE`, with `kurrentdb+discover://` for a cluster
 * behind one DNS name, or `esdb://` as EventStoreDB called it. Beside their options (`tls`, `tlsCaFile`, `userCertFile`,
 * `userKeyFile`, `defaultDeadline`, `keepAliveInterval`, `keepAliveTimeout`, `connectionName`) there are
 * `ledger=NAME`, for several ledgers in one cluster, and `passwordFile=FILE`, which keeps the password out of what
 * others can see. No message repeats the text.
 * @throws NetfoldError `store.bad_url`, `store.cannot_read`
 */
export function parseKurrentUrl(url: string): KurrentAddress {
  const scheme = SCHEME.exec(url);
  if (!scheme) throw badUrl('it does not begin with kurrentdb:// or kurrentdb+discover://');
  const [authority = '', query = ''] = split(url.slice(scheme[0].length), '?');
  const at = authority.lastIndexOf('@');
  const hosts = authority
    .slice(at + 1)
    .replace(/\/+$/, '')
    .split(',')
    .map(endpointOf);
  const options = optionsOf(query);
  const ledger = options.get('ledger') ?? 'netfold';
  if (!LEDGER_NAME.test(ledger)) {
    throw badUrl('the ledger needs a name of lower-case letters, digits, "_" and "-", with a letter first');
  }
  const places = hosts.map(({ address, port }) => `${address}:${port}`).join(',');
  return {
    name: `kurrentdb${scheme[1] ?? ''}://${places}?ledger=${ledger}`,
    hosts,
    discover: scheme[1] !== undefined,
    ledger,
    ...userOf(at < 0 ? '' : authority.slice(0, at), options),
    ...(options.get('tls') !== 'false' && { tls: tlsOf(options) }),
    deadline: numberOf(options, 'defaultdeadline') ?? DEFAULT_DEADLINE,
    ...given('connectionName', options.get('connectionname')),
    ...given('keepAliveInterval', numberOf(options, 'keepaliveinterval')),
    ...given('keepAliveTimeout', numberOf(options, 'keepalivetimeout')),
  };
}

function split(text: string, separator: string): [string, string?] {
  const at = text.indexOf(separator);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}

function endpointOf(text: string): Endpoint {
  const { host, port } = /^(?<host>\[[0-9a-f:.]+\]|[^:/\s]+)(?::(?<port>\d{1,5}))?$/i.exec(text)?.groups ?? {};
  if (host === undefined) throw badUrl('a host is needed, such as kurrentdb://db.example.com:2113');
  return { address: host, port: port === undefined ? DEFAULT_PORT : Number(port) };
}

/** As written, in lower case: clients differ in how they spell them. */
function optionsOf(query: string): ReadonlyMap<string, string> {
  const options = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(query)) {
    const key = name.toLowerCase();
    if (!KNOWN_OPTIONS.has(key)) throw badUrl(`it has an option that netfold does not know: ${name}`);
    options.set(key, value);
  }
  return options;
}

const KNOWN_OPTIONS = new Set([
  'ledger',
  'passwordfile',
  'tls',
  'tlscafile',
  'tlsverifycert', // only as true: see `tlsOf`
  'usercertfile',
  'userkeyfile',
  'defaultdeadline',
  'keepaliveinterval',
  'keepalivetimeout',
  'connectionname',
]);

function userOf(text: string, options: ReadonlyMap<string, string>): Pick<KurrentAddress, 'user'> {
  if (text === '') return {};
  const [username, password] = split(text, ':').map((part) => decode(part ?? ''));
  const file = options.get('passwordfile');
  if (!username || (password === undefined && file === undefined)) {
    throw badUrl('the user needs a password: USER:PASSWORD@HOST, or USER@HOST?passwordFile=FILE');
  }
  return { user: { username, password: file === undefined ? (password ?? '') : read(file).toString().trimEnd() } };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw badUrl('the user or the password has a "%" that is not the beginning of a code: write %25 for it');
  }
}

function tlsOf(options: ReadonlyMap<string, string>): NonNullable<KurrentAddress['tls']> {
  if (options.get('tlsverifycert') === 'false') {
    throw badUrl('certificates are always verified: name the authority with tlsCaFile=FILE');
  }
  const [ca, key, cert] = ['tlscafile', 'userkeyfile', 'usercertfile'].map((name) => options.get(name));
  if ((key === undefined) !== (cert === undefined)) throw badUrl('userCertFile and userKeyFile come together');
  return {
    ...(ca !== undefined && { ca: read(ca) }),
    ...(key !== undefined && { key: read(key) }),
    ...(cert !== undefined && { cert: read(cert) }),
  };
}

function numberOf(options: ReadonlyMap<string, string>, name: string): number | undefined {
  const text = options.get(name);
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value <= 0) throw badUrl(`${name} is a number of milliseconds`);
  return value;
}

const given = <K extends string, V>(key: K, value: V | undefined): { readonly [key in K]?: V } =>
  value === undefined ? {} : ({ [key]: value } as { readonly [key in K]?: V });

function read(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (cause) {
    throw new NetfoldError(
      {
        code: 'store.cannot_read',
        message: `a file that the URL of the store names cannot be read: ${problemOf(cause).message}`,
        where: file,
        hint: 'name a file that this user may read',
      },
      { cause },
    );
  }
}

const badUrl = (why: string): NetfoldError =>
  new NetfoldError({
    code: 'store.bad_url',
    message: `the URL of the store cannot be used: ${why}`,
    hint: 'see: netfold help replay',
  });
