import { fromBase64, type Problem } from '#kernel';
import { formatPrefix, prefixContains, tryParsePrefix } from '#net';
import { ALREADY_SO, type Deciders, record, reject } from '../decider.js';
import { badDomain } from '../dns/domain-name.js';
import { badId, badText } from '../input.js';
import { CGNAT, ipv4Pool } from '../nodes/addresses.js';
import type { Settings } from './settings.js';
import type { TailnetCommands } from './tailnet-commands.js';
import { ULA_RANDOM_BYTES, ulaPrefix } from './ula.js';

export const decideTailnet: Deciders<TailnetCommands> = {
  CreateTailnet: (state, { tailnetId, name, dnsSuffix, ulaBytes }) => {
    const problem = badId(tailnetId, 'tailnetId') ?? badText(name, 'name') ?? badDomain(dnsSuffix, 'dnsSuffix');
    if (problem) return reject(problem);
    const bytes = fromBase64(ulaBytes);
    if (bytes?.length !== ULA_RANDOM_BYTES) {
      return reject({ code: 'tailnet.bad_ula', message: 'a ULA needs 5 bytes in base64', where: 'ulaBytes' });
    }
    const ula = ulaPrefix(bytes);
    const { tailnet } = state;
    if (!tailnet) return record('TailnetCreated', { tailnetId, name, dnsSuffix, ula });
    const same =
      tailnet.id === tailnetId && tailnet.name === name && tailnet.dnsSuffix === dnsSuffix && tailnet.ula === ula;
    if (same) return ALREADY_SO;
    return reject({ code: 'tailnet.exists', message: `this is already the tailnet ${tailnet.name} (${tailnet.id})` });
  },

  ChangeSettings: ({ settings }, wanted) => {
    const problem = badKeyExpiry(wanted.keyExpiry) ?? badKeyRotation(wanted.keyRotation) ?? badPool(wanted.ipv4Pool);
    if (problem) return reject(problem);
    const changed = {
      ...differing(settings, wanted, 'deviceApproval'),
      ...differing(settings, wanted, 'keyExpiry'),
      ...differing(settings, wanted, 'keyRotation'),
      ...differing(settings, wanted, 'ipv4Pool'),
    };
    return Object.keys(changed).length === 0 ? ALREADY_SO : record('SettingsChanged', changed);
  },

  RaiseReleaseFloor: ({ floor }, { level, release }) => {
    if (!Number.isSafeInteger(level)) {
      return reject({ code: 'tailnet.bad_level', message: `there is no release level ${level}`, where: 'level' });
    }
    return level > floor ? record('ReleaseFloorRaised', { level, release }) : ALREADY_SO;
  },
};

/** The setting alone if it is to change, otherwise nothing. */
function differing<K extends keyof Settings>(settings: Settings, wanted: Partial<Settings>, key: K): Partial<Settings> {
  const value = wanted[key];
  return value === undefined || value === settings[key] ? {} : { [key]: value };
}

function badKeyExpiry(keyExpiry: number | null | undefined): Problem | undefined {
  if (keyExpiry === undefined || keyExpiry === null || (Number.isSafeInteger(keyExpiry) && keyExpiry > 0))
    return undefined;
  const hint = 'give milliseconds, or null for keys that never expire';
  return { code: 'tailnet.bad_key_expiry', message: `keys cannot last ${keyExpiry} ms`, where: 'keyExpiry', hint };
}

/** Each rotation is an event, and a word to every peer: a key that is younger is as good. */
const LEAST_ROTATION = 3_600_000;

function badKeyRotation(keyRotation: number | null | undefined): Problem | undefined {
  if (keyRotation === undefined || keyRotation === null) return undefined;
  if (Number.isSafeInteger(keyRotation) && keyRotation >= LEAST_ROTATION) return undefined;
  const hint = 'give milliseconds, at least an hour, or null for keys that are not replaced by themselves';
  const message = `keys cannot be replaced every ${keyRotation} ms`;
  return { code: 'tailnet.bad_key_rotation', message, where: 'keyRotation', hint };
}

function badPool(pool: string | undefined): Problem | undefined {
  if (pool === undefined) return undefined;
  const prefix = tryParsePrefix(pool);
  const inside = prefix && prefixContains(CGNAT, prefix) && formatPrefix(prefix) === pool;
  if (inside && ipv4Pool(pool).capacity > 0) return undefined;
  return {
    code: 'tailnet.bad_pool',
    message: `${JSON.stringify(pool)} is not a prefix of 100.64.0.0/10 with addresses to give out`,
    where: 'ipv4Pool',
    hint: 'write it like 100.64.0.0/16',
  };
}
