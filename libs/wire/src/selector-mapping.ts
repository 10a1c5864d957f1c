import type { MessageInitShape } from '@bufbuild/protobuf';
import canonicalize from 'canonicalize';
import type { RuleItem } from '#netmap';
import type {
  Capabilities as CapabilitiesMessage,
  Selector as SelectorMessage,
  SelectorSchema,
} from './gen/netfold/v1/netmap_pb.js';
import { malformed, reading } from './malformed.js';

type Selector = RuleItem['dst'];
type Capabilities = NonNullable<RuleItem['capabilities']>;

export const selectorMessage = (selector: Selector): MessageInitShape<typeof SelectorSchema> => ({
  selector: oneof(selector),
});

function oneof(selector: Selector): MessageInitShape<typeof SelectorSchema>['selector'] {
  switch (selector.kind) {
    case 'any':
      return { case: 'any', value: {} };
    case 'everything':
      return { case: 'everything', value: {} };
    case 'label':
      return { case: 'label', value: selector.label };
    case 'prefix':
      return { case: 'prefix', value: selector.prefix };
    case 'internet':
      return { case: 'internet', value: {} };
    case 'same-user':
      return { case: 'sameUser', value: {} };
    case 'where': {
      const { label, of, within, except } = selector;
      const value = {
        label,
        of: selectorMessage(of),
        within: within.map(selectorMessage),
        except: except.map(selectorMessage),
      };
      return { case: 'where', value };
    }
  }
}

/** @throws NetfoldError `wire.malformed`: a selector that is not understood must not be taken for another one */
export function selectorFrom(message: SelectorMessage | undefined): Selector {
  const selector = message?.selector;
  switch (selector?.case) {
    case 'any':
    case 'everything':
    case 'internet':
      return { kind: selector.case };
    case 'sameUser':
      return { kind: 'same-user' };
    case 'label':
      return { kind: 'label', label: selector.value };
    case 'prefix':
      return { kind: 'prefix', prefix: selector.value };
    case 'where': {
      const { label, of, within, except } = selector.value;
      return {
        kind: 'where',
        label,
        of: selectorFrom(of),
        within: within.map(selectorFrom),
        except: except.map(selectorFrom),
      };
    }
    default:
      throw malformed('a Selector', 'its kind is unknown to this version');
  }
}

export const capabilitiesMessage = (capabilities: Capabilities) => ({
  entries: Object.entries(capabilities)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, parameters]) => ({ name, parameters: parameters.map((value) => canonicalize(value) ?? 'null') })),
});

/** @throws NetfoldError `wire.malformed` */
export const capabilitiesFrom = ({ entries }: CapabilitiesMessage): Capabilities =>
  reading('a Capability', () =>
    Object.fromEntries(
      entries.map(({ name, parameters }) => [name, parameters.map((text): unknown => JSON.parse(text))]),
    ),
  );
