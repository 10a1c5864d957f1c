import { type Chapter, fails, prints, type Step, succeeds } from '../step.js';

/** Tries a port of a server, by name. */
const gets = (on: string, server: string, port: number, title: string): Step => ({
  title,
  on,
  command: `nc -vz -w 3 ${server} ${port}`,
  soon: true,
  expect: [prints(/succeeded!$/m), succeeds],
});

/** Tries it by address: it must be the packets that are stopped, whatever names are told. */
const isBlocked = (on: string, server: string, port: number, title: string): Step => ({
  title,
  on,
  command: async (stage) => `nc -vz -w 2 ${await stage.addressOf(server)} ${port}`,
  expect: [prints(/timed out|refused|unreachable/), fails],
});

export const access: Chapter = {
  title: 'Who reaches what',
  steps: [
    gets('laptop', 'prod-server', 22, 'alice, a sysadmin, gets an SSH connection to a production server'),
    isBlocked('bobs-laptop', 'prod-server', 22, 'bob, a developer, does not'),
    gets('bobs-laptop', 'dev-server', 22, 'he gets one to a development server'),
    gets('bobs-laptop', 'dev-server', 443, 'and HTTPS'),
    isBlocked('bobs-laptop', 'dev-server', 9100, 'and nothing else there'),
    isBlocked('bobs-laptop', 'laptop', 22, 'nor anything of alice'),
    gets('monitoring-server', 'prod-server', 9100, 'the monitoring server reaches the node exporter in production'),
    {
      title: 'and reads from it',
      on: 'monitoring-server',
      command: 'curl -sS --max-time 5 http://prod-server:9100/metrics',
      soon: true,
      expect: [prints(/^you come from (100\.|fd)/m), succeeds],
    },
    gets('monitoring-server', 'prod-server', 9090, 'and Prometheus'),
    isBlocked('monitoring-server', 'prod-server', 22, 'but no SSH there'),
    isBlocked('monitoring-server', 'dev-server', 9100, 'and nothing in development'),
    isBlocked('prod-server', 'monitoring-server', 22, 'a production server reaches nobody'),
  ],
};
