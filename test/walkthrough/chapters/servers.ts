import { CONTROL } from '../stage.js';
import { type Chapter, line, prints, type Step, silentAbout, succeeds } from '../step.js';

/** A key for one server, and the server that joins with it. */
const joins = (server: string, tag: string): readonly Step[] => [
  {
    title: `an admin makes a key for ${tag}`,
    on: 'laptop',
    command: `netfold key create --tags ${tag} > ${server}.key`,
    expect: [prints(/^# key \S+; it is not shown again/m), succeeds],
  },
  {
    title: `${server} joins with it, without a person`,
    on: server,
    command: (stage) => {
      stage.handOver(`${server}.key`, 'laptop', server);
      return `netfold up --server ${CONTROL} --auth-key-file ${server}.key`;
    },
    expect: [line('Success.'), succeeds],
  },
];

export const servers: Chapter = {
  title: 'Servers, with auth keys and tags',
  steps: [
    ...joins('dev-server', 'tag:dev-servers'),
    ...joins('prod-server', 'tag:prod-servers'),
    ...joins('monitoring-server', 'tag:monitoring-server'),
    {
      title: 'a key is good once',
      on: 'laptop',
      command: 'netfold key list',
      expect: [prints(/tag:prod-servers +one-off +used +1/), succeeds],
    },
    {
      title: 'they belong to their purpose, not to a person',
      on: 'laptop',
      command: 'netfold node list',
      expect: [
        prints(/^dev-server +100\.\S+ +tag:dev-servers +linux/m),
        prints(/^prod-server +100\.\S+ +tag:prod-servers +linux/m),
        prints(/^monitoring-server +100\.\S+ +tag:monitoring-server +linux/m),
        succeeds,
      ],
    },
    {
      title: 'who may reach them sees them',
      on: 'laptop',
      command: 'netfold status',
      soon: true,
      expect: [prints(/^100\.\S+ +dev-server +\S+ +linux/m), prints(/^100\.\S+ +prod-server +\S+ +linux/m)],
    },
    {
      title: 'who may not does not',
      on: 'bobs-laptop',
      command: 'netfold status',
      soon: true,
      expect: [prints(/^100\.\S+ +dev-server +\S+ +linux/m), silentAbout(/prod-server/)],
    },
  ],
};
