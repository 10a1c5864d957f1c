import { ALICE, SUBNET } from './stage.js';

const TAG_OWNERS = `  "tagOwners": {
    "tag:dev":  ["autogroup:admin"],
    "tag:prod": ["autogroup:admin"],
  },`;

/** Everybody reaches everything. */
export const OPEN_POLICY = `{
${TAG_OWNERS}
  "acls": [
    {"action": "accept", "src": ["*"], "dst": ["*:*"]},
  ],
}
`;

/** Alice reaches development and the office subnet, and no longer production. */
export const NARROW_POLICY = `{
${TAG_OWNERS}
  "acls": [
    {"action": "accept", "src": ["${ALICE}"], "dst": ["tag:dev:*", "${SUBNET}:*"]},
  ],
  "tests": [
    {"src": "${ALICE}", "accept": ["tag:dev:22"], "deny": ["tag:prod:22"]},
  ],
}
`;
