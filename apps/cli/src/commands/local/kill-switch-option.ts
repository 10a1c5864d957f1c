import { Option } from 'commander';

/** How long nothing may leave past an exit node. */
export const killSwitchOption = (): Option =>
  new Option(
    '--exit-node-kill-switch <when>',
    'with an exit node, let nothing leave past it: while-running (the default), which an agent that was killed leaves in\n' +
      'force and one that is told to stop lifts; or always, until netfold down or netfold agent --cleanup, or a reboot',
  ).choices(['always', 'while-running']);
