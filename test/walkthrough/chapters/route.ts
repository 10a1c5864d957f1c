import { type Chapter, fails, line, prints, succeeds } from '../step.js';
import { upWithBrowser } from './connect.js';

export const route: Chapter = {
  title: 'A subnet router',
  steps: [
    upWithBrowser('subnet-router', 'alice', 'the router is connected like any machine'),
    {
      title: 'it forwards packets',
      on: 'subnet-router',
      command: 'sysctl -w net.ipv4.ip_forward=1',
      expect: [line('net.ipv4.ip_forward = 1'), succeeds],
    },
    {
      title: 'it offers the subnet behind it',
      on: 'subnet-router',
      command: 'netfold up --advertise-routes=192.168.1.0/24',
      expect: [line('Success.'), succeeds],
    },
    {
      title: 'its status says so',
      on: 'subnet-router',
      command: "netfold status --json | jq '.Self.AdvertisedRoutes'",
      expect: [prints(/^\[\s*"192\.168\.1\.0\/24"\s*\]\s*$/), succeeds],
    },
    {
      title: 'another machine accepts routes',
      on: 'laptop',
      command: 'netfold up --accept-routes',
      expect: [line('Success.'), succeeds],
    },
    {
      title: 'without approval there is no way',
      on: 'laptop',
      command: 'ping -c 1 -W 2 192.168.1.10',
      expect: [prints(/100% packet loss/), fails],
    },
    {
      title: 'an admin sees what is offered',
      on: 'laptop',
      command: 'netfold route list',
      expect: [prints(/^192\.168\.1\.0\/24 +subnet-router +waits for approval/m), succeeds],
    },
    {
      title: 'and approves it',
      on: 'laptop',
      command: 'netfold route approve subnet-router 192.168.1.0/24',
      expect: [prints(/^192\.168\.1\.0\/24 is routed by subnet-router\./m), succeeds],
    },
    {
      title: 'a machine behind the router is reached',
      on: 'laptop',
      command: 'ping -c 3 192.168.1.10',
      soon: true,
      expect: [prints(/3 packets transmitted, 3 received, 0% packet loss/), succeeds],
    },
    {
      title: 'over TCP too',
      on: 'laptop',
      command: 'curl -sS --max-time 5 http://192.168.1.10/',
      soon: true,
      expect: [prints(/^you come from /m), succeeds],
    },
    {
      title: 'whoever does not accept routes does not go there',
      on: 'bobs-laptop',
      command: 'ping -c 1 -W 2 192.168.1.10',
      expect: [prints(/100% packet loss/), fails],
    },
  ],
};
