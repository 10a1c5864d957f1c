import { CONTROL } from '../stage.js';
import { type Chapter, line, prints, type Step, succeeds } from '../step.js';

const LINK = /^\s+https:\/\/netfold\.example\.com\/connect\/\S+$/m;
const OWN_ADDRESS = /^100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.\d+\.\d+$/m;

/** `netfold up` without a key: it prints a link, somebody signs in there and presses Connect. */
export const upWithBrowser = (machine: string, who: 'alice' | 'bob', title: string): Step => ({
  title,
  on: machine,
  command: `netfold up --server ${CONTROL}`,
  person: (stage, link) => stage[who].press('Connect', link, { about: machine, title: 'Success' }),
  expect: [line('To authenticate, visit:'), prints(LINK), line('Success.'), succeeds],
});

export const connect: Chapter = {
  title: 'The first machines',
  steps: [
    upWithBrowser('laptop', 'alice', 'a person signs in with a browser, and her machine is in'),
    upWithBrowser('bobs-laptop', 'bob', 'so does somebody else'),
    {
      title: 'a machine has an address of its own',
      on: 'laptop',
      command: 'netfold ip',
      expect: [prints(OWN_ADDRESS), prints(/^fd[0-9a-f:]+$/m), succeeds],
    },
    {
      title: 'another machine is pinged by its address',
      on: 'laptop',
      command: async (stage) => `ping -c 3 ${await stage.addressOf('bobs-laptop')}`,
      soon: true,
      expect: [prints(/3 packets transmitted, 3 received, 0% packet loss/), succeeds],
    },
    {
      title: 'and by its name',
      on: 'laptop',
      command: 'ping -c 3 bobs-laptop',
      soon: true,
      expect: [prints(/^PING bobs-laptop/m), prints(/3 received, 0% packet loss/), succeeds],
    },
    {
      title: 'netfold says which way the packets go',
      on: 'laptop',
      command: 'netfold ping -c 1 bobs-laptop',
      soon: true,
      expect: [prints(/^pong from bobs-laptop \(100\.\S+\) via (direct )?10\.9\.0\.12:\d+ in [\d.]+ ?ms$/m), succeeds],
    },
    {
      title: 'the status lists address, name, user, system and the way there',
      on: 'laptop',
      command: 'netfold status',
      expect: [
        prints(/^100\.\S+ +laptop +alice@example\.com +linux +/m),
        prints(/^100\.\S+ +bobs-laptop +bob@example\.com +linux +active; direct 10\.9\.0\.12:\d+/m),
        succeeds,
      ],
    },
    {
      title: 'names are found by everything that asks for names',
      on: 'bobs-laptop',
      command: 'dig +short +search laptop',
      soon: true,
      expect: [prints(OWN_ADDRESS), succeeds],
    },
    {
      title: 'and so are addresses',
      on: 'bobs-laptop',
      command: async (stage) => `dig +short -x ${await stage.addressOf('laptop')}`,
      expect: [prints(/^laptop\.\S+\.netfold\.internal\.$/m), succeeds],
    },
  ],
};
