import { type Chapter, line, prints, succeeds } from '../step.js';

export const policy: Chapter = {
  title: 'The access policy',
  steps: [
    {
      title: 'the policy is linted; names without their prefix are taken, with a warning',
      on: 'laptop',
      command: 'netfold set-acl --test < policy.hujson',
      expect: [
        prints(/warning: .*group:sysadmins/),
        prints(/warning: .*tag:dev-servers/),
        line('Policy file passed linting'),
        succeeds,
      ],
    },
    {
      title: 'the policy is published',
      on: 'laptop',
      command: 'netfold set-acl policy.hujson',
      expect: [line('Success.'), succeeds],
    },
    {
      title: 'a question is answered with the rule that decides',
      on: 'laptop',
      command: 'netfold policy explain alice@example.com bobs-laptop:22',
      expect: [prints(/group:sysadmins/), succeeds],
    },
  ],
};
