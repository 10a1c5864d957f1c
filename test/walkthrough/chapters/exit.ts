import { CONTROL, WEB } from '../stage.js';
import { type Chapter, line, prints, type Step, silentAbout, succeeds } from '../step.js';

const LAPTOP = /^you come from 10\.9\.0\.11$/m;
const EXIT_NODE = /^you come from 10\.9\.0\.14$/m;

const asks = (title: string, answer: RegExp): Step => ({
  title,
  on: 'laptop',
  command: 'curl -sS --max-time 5 http://www.example.com/',
  soon: true,
  expect: [prints(answer), succeeds],
});

export const exit: Chapter = {
  title: 'An exit node',
  steps: [
    {
      title: 'a key for a machine of her own',
      on: 'laptop',
      command: 'netfold key create --user alice@example.com > exit-node.key',
      expect: [succeeds],
    },
    {
      title: 'it forwards packets',
      on: 'exit-node',
      command: 'sysctl -w net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1',
      expect: [succeeds],
    },
    {
      title: 'it joins, and offers the way to the internet',
      on: 'exit-node',
      command: (stage) => {
        stage.handOver('exit-node.key', 'laptop', 'exit-node');
        return `netfold up --server ${CONTROL} --auth-key-file exit-node.key --advertise-exit-node`;
      },
      expect: [line('Success.'), succeeds],
    },
    {
      title: 'an admin approves it',
      on: 'laptop',
      command: 'netfold route approve exit-node 0.0.0.0/0',
      expect: [
        prints(/^0\.0\.0\.0\/0 is routed by exit-node\./m),
        prints(/^# ::\/0 waits for approval, too: netfold route approve exit-node ::\/0$/m),
        succeeds,
      ],
    },
    {
      title: 'for IPv6, too',
      on: 'laptop',
      command: 'netfold route approve exit-node ::/0',
      expect: [prints(/^::\/0 is routed by exit-node\./m), silentAbout(/waits/), succeeds],
    },
    asks('until it is chosen, the internet sees the laptop', LAPTOP),
    {
      title: 'the laptop chooses it',
      on: 'laptop',
      command: 'netfold up --exit-node=exit-node',
      soon: true,
      expect: [line('Success.'), succeeds],
    },
    asks('now the internet sees the exit node', EXIT_NODE),
    {
      title: 'names are still found',
      on: 'laptop',
      command: 'dig +short www.example.com',
      expect: [line(WEB), succeeds],
    },
    {
      title: 'and who is asked for them sees the exit node',
      on: 'internet',
      command: 'grep "query.A. www.example.com" dns.log | tail -n 1',
      expect: [prints(/query\[A\] www\.example\.com from 10\.9\.0\.14$/m), succeeds],
    },
    {
      title: 'the machines of the network are reached as before',
      on: 'laptop',
      command: 'netfold ping -c 1 dev-server',
      soon: true,
      expect: [prints(/^pong from dev-server /m), succeeds],
    },
    {
      title: 'the laptop goes its own way again',
      on: 'laptop',
      command: 'netfold up --exit-node=',
      expect: [line('Success.'), succeeds],
    },
    asks('and the internet sees it', LAPTOP),
  ],
};
