import { describe, expect, it } from '@jest/globals';
import { parseCondition } from '../language/read-postures.js';
import { directoryOf, policyOf, subjectOf } from '../testing.js';
import { addressPools, nodeCapabilities } from './node-capabilities.js';
import { meetsPosture } from './postures.js';

const policy = policyOf({
  tagOwners: { 'tag:web': [] },
  randomizeClientPort: true,
  nodeAttrs: [
    { target: ['*'], attr: ['funnel'] },
    { target: ['autogroup:admin'], attr: ['drive:share', 'funnel'] },
    { target: ['tag:web'], app: { 'example.com/connector': [{ name: 'a' }] }, ipPool: ['100.80.0.0/16'] },
    { target: ['100.64.0.2'], attr: ['custom:pinned'] },
  ],
});
const directory = directoryOf({ 'root@example.com': 'owner' });

describe('nodeCapabilities', () => {
  it('gathers what every entry that targets a node gives it', () => {
    const granted = (owner: string, number: number) =>
      nodeCapabilities(policy, subjectOf('n', number, owner), directory);
    expect(granted('ann@example.com', 2)).toEqual({
      'randomize-client-port': null,
      funnel: null,
      'custom:pinned': null,
    });
    expect(Object.keys(granted('root@example.com', 3))).toEqual(['randomize-client-port', 'funnel', 'drive:share']);
    expect(granted('tag:web', 4)['example.com/connector']).toEqual([{ name: 'a' }]);
  });

  it('tells the pools out of which a node gets its addresses', () => {
    expect(addressPools(policy, subjectOf('n', 4, 'tag:web'), directory)).toEqual(['100.80.0.0/16']);
    expect(addressPools(policy, subjectOf('n', 4, 'ann@example.com'), directory)).toEqual([]);
  });
});

describe('postures', () => {
  const attributes = { 'node:os': 'linux', 'node:osVersion': '13.4.1', 'custom:tier': 3, 'custom:managed': true };
  it.each([
    ["node:os == 'linux'", true],
    ["node:os != 'linux'", false],
    ["node:os IN ['macos', 'linux']", true],
    ["node:os NOT IN ['macos', 'linux']", false],
    ["node:osVersion >= '13.4'", true],
    ["node:osVersion < '13.10'", true],
    ['custom:tier > 2', true],
    ['custom:managed == true', true],
    ['custom:unknown IS SET', false],
    ['custom:unknown NOT SET', true],
    ["custom:unknown != 'x'", false],
  ])('%s: %s', (text, expected) => {
    const condition = parseCondition(text);
    expect(condition && meetsPosture([condition], attributes)).toBe(expected);
  });

  it.each(['node:os', "os == 'linux'", 'node:os == ', "node:os ~ 'x'", "node:os IN 'x'", 'node:os IS SET 1'])(
    'does not read %s',
    (text) => expect(parseCondition(text)).toBeUndefined(),
  );

  it('are met by no device when they have no conditions', () => expect(meetsPosture([], attributes)).toBe(false));
});
