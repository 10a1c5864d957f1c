import { CONTROL } from '../stage.js';
import { type Chapter, fails, prints, type Step, succeeds } from '../step.js';
import { upWithBrowser } from './connect.js';

let before = '';

const comesBack: readonly Step[] = [
  {
    title: 'bob has an address',
    on: 'bobs-laptop',
    command: 'netfold ip -4',
    expect: [
      {
        says: 'prints an address',
        holds: ({ output }) => {
          before = output.trim();
          return before.startsWith('100.');
        },
      },
    ],
  },
  { title: 'he logs out', on: 'bobs-laptop', command: 'netfold logout', expect: [succeeds] },
  {
    title: 'his machine is no member any more',
    on: 'bobs-laptop',
    command: 'netfold status',
    expect: [prints(/not a member/), fails],
  },
  upWithBrowser('bobs-laptop', 'bob', 'he signs in again'),
  {
    title: 'and has the address that he had',
    on: 'bobs-laptop',
    command: 'netfold ip -4',
    expect: [{ says: 'prints the same address', holds: ({ output }) => output.trim() === before }],
  },
];

const isApproved: readonly Step[] = [
  {
    title: 'the network asks for the approval of new machines',
    on: 'laptop',
    command: 'netfold settings set --device-approval',
    expect: [prints(/^The settings are changed\./m), succeeds],
  },
  {
    title: 'a new machine waits, though somebody has signed in',
    on: 'bobs-tablet',
    command: `netfold up --server ${CONTROL}`,
    person: ({ bob }, link) => bob.press('Connect', link, { about: 'bobs-tablet', title: 'Success' }),
    expect: [prints(/An admin lets it in with: netfold node approve bobs-tablet/), succeeds],
  },
  {
    title: 'meanwhile it reaches nothing',
    on: 'bobs-tablet',
    command: async (stage) => `nc -vz -w 2 ${await stage.addressOf('dev-server')} 22`,
    expect: [fails],
  },
  {
    title: 'an admin lets it in',
    on: 'laptop',
    command: 'netfold node approve bobs-tablet',
    expect: [prints(/^bobs-tablet was approved\./m), succeeds],
  },
  {
    title: 'now it reaches what bob may reach',
    on: 'bobs-tablet',
    command: 'nc -vz -w 3 dev-server 22',
    soon: true,
    expect: [prints(/succeeded!$/m), succeeds],
  },
];

const isCutOff: readonly Step[] = [
  {
    title: 'bob works on a development server',
    on: 'bobs-laptop',
    command: 'nc -vz -w 3 dev-server 22',
    soon: true,
    expect: [prints(/succeeded!$/m), succeeds],
  },
  {
    title: 'he is suspended',
    on: 'laptop',
    command: 'netfold user suspend bob@example.com',
    expect: [prints(/^bob@example\.com is suspended\./m), succeeds],
  },
  ...(['bobs-laptop', 'bobs-tablet'] as const).map(
    (machine): Step => ({
      title: `${machine} has lost its access`,
      on: machine,
      command: async (stage) => `nc -vz -w 2 ${await stage.addressOf('dev-server')} 22`,
      soon: true,
      expect: [fails],
    }),
  ),
  {
    title: 'alice has hers',
    on: 'laptop',
    command: 'nc -vz -w 3 dev-server 22',
    soon: true,
    expect: [prints(/succeeded!$/m), succeeds],
  },
];

export const people: Chapter = {
  title: 'Leaving, coming back, being let in, being cut off',
  steps: [...comesBack, ...isApproved, ...isCutOff],
};
