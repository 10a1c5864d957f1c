/** What a new tailnet starts with: everything is allowed, as people expect, and the file says how to narrow it. */
export const DEFAULT_POLICY = `// The access policy of this tailnet, in HuJSON: JSON with comments and trailing commas.
// What no rule accepts is refused. Publish a new one with: netfold set-acl policy.hujson
{
  // Groups of people, to name them together:
  //   "group:eng": ["alice@example.com", "bob@example.com"],
  "groups": {},

  // Who may give a tag to a machine. A tagged machine belongs to its purpose, not to a person:
  //   "tag:server": ["group:eng", "autogroup:admin"],
  "tagOwners": {},

  "acls": [
    // Everybody may reach everything. Remove this line to begin with nothing, then allow what is needed:
    //   {"action": "accept", "src": ["group:eng"], "dst": ["tag:server:22,443"]},
    {"action": "accept", "src": ["*"], "dst": ["*:*"]},
  ],

  // Expectations that are checked before a new policy takes effect:
  //   {"src": "alice@example.com", "accept": ["tag:server:443"], "deny": ["tag:server:5432"]},
  "tests": [],
}
`;
