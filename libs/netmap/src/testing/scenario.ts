import type { TailnetBuilder } from '#tailnet/testing';
import { affectedViewers } from '../affected-viewers.js';
import { type Change, mergeChanges } from '../change.js';
import { diffView } from '../diff-view.js';
import type { Item, RuleItem } from '../item.js';
import type { Netmap } from '../netmap.js';
import type { Network } from '../network.js';
import { viewOf } from '../view.js';
import { type Followed, followAll, UNBORN } from './follow.js';

/** given(a tailnet).when((tailnet) => tailnet.withNode('db', …)), and then what each node is told. */
export const given = (tailnet: TailnetBuilder) => ({
  when: (act: (tailnet: TailnetBuilder) => TailnetBuilder): Outcome => {
    const events = act(tailnet).events.map(({ event }) => event);
    const all = followAll(events, UNBORN);
    const steps = all.slice(tailnet.events.length + 1).map(({ change }) => change);
    const [before, after] = [all[tailnet.events.length] as Followed, all.at(-1) as Followed];
    return new Outcome(before.network, after.network, mergeChanges(...steps));
  },
});

/** What a change did. Nodes go by their short names: `db` for `node_db`. */
class Outcome {
  constructor(
    readonly before: Network,
    readonly after: Network,
    readonly change: Change,
  ) {}

  /** Whose netmaps may have changed, sorted. */
  get affected(): string[] {
    return [...affectedViewers(this.before, this.after, this.change)].map(shortName).sort();
  }

  /** What a node is told, in order: `- peer db`, `~ self web`, `+ route 10.0.0.0/8 via gate`, `+ rule * → tag:db:22`. */
  told(name: string): string[] {
    const { removed, upserted } = diffView(this.before, this.after, `node_${name}`, this.change);
    return [
      ...removed.map((item) => `- ${inWords(item)}`),
      ...upserted.map(({ before, after }) => `${before ? '~' : '+'} ${inWords(after)}`),
    ];
  }

  netmap(name: string): Netmap {
    return viewOf(this.after, `node_${name}`);
  }

  /** All that a node knows afterwards, sorted. */
  knows(name: string): string[] {
    return [...this.netmap(name).values()].map(inWords).sort();
  }
}

export type { Outcome };

const shortName = (id: string): string => id.replace(/^node_/, '');

function inWords(item: Item): string {
  if (item.kind === 'route') {
    return `route ${item.prefix} via ${[item.via, ...item.standby].map(shortName).join(', then ')}`;
  }
  if (item.kind === 'rule') return `rule ${ruleInWords(item)}`;
  return item.kind === 'dns' ? 'dns' : `${item.kind} ${shortName(item.id)}`;
}

function ruleInWords({ src, dst, ports }: RuleItem): string {
  const name = (selector: RuleItem['dst']): string => {
    if (selector.kind === 'prefix') return selector.prefix;
    return 'label' in selector ? selector.label : selector.kind;
  };
  const range = ports.map(({ first, last }) =>
    first === last ? `${first}` : last === 65_535 ? '*' : `${first}-${last}`,
  );
  return `${src.map(name).join(',')} → ${name(dst)}:${range.join(',')}`;
}
