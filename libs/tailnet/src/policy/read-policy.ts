import { type PolicyReading, type PolicySurroundings, readPolicy as readText } from '#policy';
import type { TailnetState } from '../state.js';

/** The text read last: a publication is decided, settled and folded, perhaps by several readers, and is read once. */
let latest: { readonly text: string; readonly around: string; readonly reading: PolicyReading } | undefined;

/** Parses and compiles a policy text, which may refer to the synced groups and the users' domains of the tailnet. */
export const readPolicy = (state: TailnetState, text: string): PolicyReading =>
  readPolicyAmong(surroundingsOf(state), text);

/** The same, among what there was when it was published. */
export function readPolicyAmong(surroundings: PolicySurroundings, text: string): PolicyReading {
  const around = JSON.stringify(surroundings);
  if (latest?.text === text && latest.around === around) return latest.reading;
  const reading = readText(text, surroundings, latest?.reading.compiled);
  latest = { text, around, reading };
  return reading;
}

/** What a text that is published now is read among: the same lists for the same groups and domains. */
export const surroundingsOf = ({ groups, userByLogin }: TailnetState): PolicySurroundings => ({
  syncedGroups: [...groups.keys()].sort(),
  domains: [...new Set(userByLogin.keySeq().map((login) => login.slice(login.lastIndexOf('@') + 1)))].sort(),
});
