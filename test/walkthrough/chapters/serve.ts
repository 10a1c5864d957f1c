import { CONTROL } from '../stage.js';
import { type Chapter, line, prints, succeeds } from '../step.js';

const FLAGS = '--listen 0.0.0.0:443 --listen-agents 0.0.0.0:50443 --tls-cert cert.pem --tls-key key.pem';

export const serve: Chapter = {
  title: 'A server, and its owner',
  steps: [
    {
      title: 'the server starts, and says what comes next',
      on: 'server',
      command: `netfold server ${FLAGS} \\\n    --url ${CONTROL} --oidc oidc.json --owner alice@example.com --state-dir state`,
      stays: true,
      expect: [
        line(`The control plane is at ${CONTROL}`),
        prints(/^ {2}nfa_\S+$/m),
        prints(/^ {2}https:\/\/netfold\.example\.com\/login\/once\/\S+$/m),
        prints(/netfold up --server https:\/\/netfold\.example\.com/),
      ],
    },
    {
      title: 'a link signs the owner in with any browser, without an identity provider',
      on: 'server',
      command: `netfold server link --url ${CONTROL} --state-dir state`,
      person: async ({ alice }, link) => {
        await alice.press('Sign in', link, { about: 'alice@example.com', title: 'Signed in' });
        await alice.press('Sign out', `${CONTROL}/login`, { about: 'alice@example.com', title: 'Sign in' });
      },
      expect: [prints(/^https:\/\/netfold\.example\.com\/login\/once\/\S+$/m), succeeds],
    },
    {
      title: 'the owner signs in with the identity provider, and lets her command line act for her',
      on: 'laptop',
      command: `netfold login --server ${CONTROL}`,
      person: ({ alice }, link) =>
        alice.press('Allow', link, { about: link.split('/').at(-1) ?? '', title: 'Success' }),
      expect: [line('To sign in, visit:'), prints(/^Success\. Saved in /m), succeeds],
    },
    {
      title: 'she is the owner',
      on: 'laptop',
      command: 'netfold user list',
      expect: [prints(/^alice@example\.com +\S+ +owner +active/m), succeeds],
    },
  ],
};
