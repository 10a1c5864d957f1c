import type { Slot } from './mentions.js';
import { AUTOGROUPS } from './targets.js';

const quoted = (text: string): string => JSON.stringify(text);
const tagNotFound = (tag: string): string => `tag not found: ${quoted(tag)}`;
const without = (...names: readonly string[]): readonly string[] => AUTOGROUPS.filter((name) => !names.includes(name));

const SELF = 'autogroup:self';
const INTERNET = 'autogroup:internet';
const DANGER_ALL = 'autogroup:danger-all';
const SHARED = 'autogroup:shared';

const NODES = ['user', 'domain', 'group', 'tag', 'autogroup'] as const;
const ANYTHING = ['wildcard', ...NODES, 'host', 'ipset', 'addresses'] as const;

/** The slots of the language. Messages are the reference's own where it has one. */
export const ACCESS_SRC: Slot = {
  name: '"src"',
  kinds: ANYTHING,
  autogroups: without(SELF, INTERNET),
  refuse: (text) => `${quoted(text)} not valid on the src side of a rule`,
  unknownTag: (tag) => `src=${tagNotFound(tag)}`,
};

export const ACL_DST: Slot = {
  name: '"dst"',
  kinds: ANYTHING,
  autogroups: without(DANGER_ALL, SHARED),
  refuse: (text) => `cannot use ${text} as a dst`,
  unknownTag: (tag) => `dst=${quoted(tag)}: ${tagNotFound(tag)}`,
};

export const GRANT_DST: Slot = { ...ACL_DST, unknownTag: tagNotFound };

export const VIA: Slot = {
  name: '"via"',
  kinds: ['tag'],
  autogroups: [],
  refuse: () => 'via can only be a tag',
  unknownTag: (tag) => `tag ${quoted(tag)} not found`,
};

export const SSH_SRC: Slot = {
  name: '"src" of an SSH rule',
  kinds: NODES,
  autogroups: without(SELF, INTERNET, DANGER_ALL),
  refuse: (text) => `invalid src ${quoted(text)}`,
  unknownTag: tagNotFound,
};

export const SSH_DST: Slot = {
  name: '"dst" of an SSH rule',
  kinds: ['user', 'tag', 'autogroup'],
  autogroups: without(INTERNET, DANGER_ALL, SHARED),
  refuse: (text) => `invalid dst ${quoted(text)}`,
  unknownTag: tagNotFound,
};

export const RECORDER: Slot = { ...VIA, name: '"recorder"', refuse: () => 'recorder can only be a tag' };

export const OWNER: Slot = {
  name: 'a list of owners',
  kinds: ['user', 'domain', 'group', 'tag', 'autogroup'],
  autogroups: without(SELF, INTERNET, DANGER_ALL, SHARED, 'autogroup:tagged'),
  refuse: (text) => `${quoted(text)} cannot own a tag`,
  unknownTag: tagNotFound,
};

export const APPROVER: Slot = {
  ...OWNER,
  name: 'a list of approvers',
  autogroups: without(SELF, INTERNET, DANGER_ALL, SHARED),
  refuse: (text) => `${quoted(text)} cannot approve routes`,
};

export const ATTRIBUTE_TARGET: Slot = {
  name: '"target"',
  kinds: ANYTHING,
  autogroups: without(SELF, INTERNET, DANGER_ALL),
  refuse: (text) => `${quoted(text)} cannot be a target of node attributes`,
  unknownTag: tagNotFound,
};

export const SSH_TEST_DST: Slot = {
  name: '"dst" of an SSH test',
  kinds: ['user', 'domain', 'group', 'tag', 'autogroup', 'host', 'addresses'],
  autogroups: without(INTERNET, DANGER_ALL),
  refuse: (text) => `SSH tests dst contains disallowed element ${quoted(text)}`,
  unknownTag: (tag) => `SSH tests dst contains unknown tag ${quoted(tag)}`,
};

export const SSH_TEST_SRC: Slot = {
  ...SSH_TEST_DST,
  name: '"src" of an SSH test',
  refuse: (text) => `SSH tests src contains disallowed element ${quoted(text)}`,
  unknownTag: (tag) => `SSH tests src contains unknown tag ${quoted(tag)}`,
};
