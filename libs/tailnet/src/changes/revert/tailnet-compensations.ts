import { mergePolicyTexts } from '#policy';
import type { DnsEvents } from '../../dns/dns-events.js';
import type { PolicyEvents } from '../../policy/policy-events.js';
import type { Settings } from '../../tailnet/settings.js';
import type { TailnetEvents } from '../../tailnet/tailnet-events.js';
import type { ChangeEvents } from '../change-events.js';
import type { Compensations } from './compensation.js';

const done = (impossible: string) => () => ({ impossible });

export const tailnetCompensations: Compensations<TailnetEvents & PolicyEvents & DnsEvents & ChangeEvents> = {
  TailnetCreated: done('a tailnet that exists cannot be made not to have been'),

  SettingsChanged: (changes) => {
    const names = Object.keys(changes) as (keyof Settings)[];
    const named = (settings: Settings) => Object.fromEntries(names.map((name) => [name, settings[name]]));
    return {
      aspect: ({ settings }) => named(settings),
      restore: ({ settings }) => [{ type: 'ChangeSettings', data: named(settings) }],
    };
  },

  ReleaseFloorRaised: done('events that older releases cannot read may have been written since'),

  AclPublished: ({ text }) => ({
    merges: true,
    aspect: ({ policy }) => policy.text,
    restore: ({ policy: before }, { policy: now }) => {
      if (!before.policy) return 'there was no policy before it';
      const { text: merged, conflicts = [] } = mergePolicyTexts(text, before.text, now.text);
      if (merged !== undefined) return [{ type: 'PublishAcl', data: { text: merged } }];
      const where = conflicts.map(({ path }) => path || 'the whole policy').join(', ');
      return `the policy was edited since in the same place (${where})`;
    },
  }),

  DnsConfigured: () => ({
    aspect: ({ dns }) => dns,
    restore: ({ dns }) => [{ type: 'ConfigureDns', data: dns }],
  }),

  ReviewRulesChanged: () => ({
    aspect: ({ changes }) => changes.rules,
    restore: ({ changes: { rules } }) => [{ type: 'SetReviewRules', data: { rules } }],
  }),

  ChangeProposed: done('a proposal changes nothing: withdraw it, or take back what came of it'),
  ChangeReviewed: done('what somebody said of a change was said'),
  ChangeLapsed: done('approvals that lapsed have to be given again'),
  ChangeScheduled: done('schedule the change for another time'),
  ChangeApplied: done('take back the whole change, by its id'),
  ChangeWithdrawn: done('propose the change again'),
  ChangeExpired: done('propose the change again'),
  ChangeReverted: done('propose the change again'),
  ChangeFailed: done('propose the change again'),
  ReviewOverridden: done('an emergency stays on record; take back what was done in it'),
  OverrideAcknowledged: done('what somebody has seen was seen'),
};
