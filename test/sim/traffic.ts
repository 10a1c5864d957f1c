import type { Dice } from '#sim';
import type { Node } from '#tailnet';
import { type Flow, nextRequest } from './flows.js';
import { prefixesOf, TRIED_PORTS } from './random-policy.js';
import type { World } from './world.js';

/** Somewhere out there, which no node may be asked for. */
const ELSEWHERE = ['203.0.113.9', '192.168.1.1'];
/** So many of the newest flows may get another packet. */
const RECENT = 20;

/** Opens a flow between two random members: mostly an honest one, between addresses of their own. */
export function openFlow(world: World, dice: Dice): Flow | undefined {
  const { running, control, flows } = world;
  if (running.length < 2) return undefined;
  const [from, to] = [dice.pick(running), dice.pick(running)];
  const [sender, receiver] = [control.state.nodes.get(from.nodeId), control.state.nodes.get(to.nodeId)];
  if (from === to || !sender || !receiver) return undefined;
  const protocol = dice.pick([1, 6, 6, 17]);
  const port = dice.pick(TRIED_PORTS);
  const v6 = dice.chance(0.2);
  if (v6) {
    const ends = { source: sender.ipv6, destination: receiver.ipv6 };
    return flows.open({ ...ends, protocol: protocol === 1 ? 58 : protocol, port, from: from.nodeId, honest: true });
  }
  const liesAs = dice.chance(0.1) ? dice.pick(running).nodeId : from.nodeId;
  const source = addressOf(control.state.nodes.get(liesAs) ?? sender, dice);
  if (dice.chance(0.1)) {
    const destination = dice.chance(0.3) ? dice.pick(ELSEWHERE) : addressOf(receiver, dice);
    return flows.open({ source, destination, protocol, port, from: from.nodeId, honest: false, forcedOn: to.nodeId });
  }
  const destination = addressOf(receiver, dice);
  return flows.open({ source, destination, protocol, port, from: from.nodeId, honest: liesAs === from.nodeId });
}

/** The node's own address, or now and then one of a network that it may be the router of. */
function addressOf({ id, ipv4 }: Node, dice: Dice): string {
  if (dice.chance(0.75)) return ipv4;
  const prefix = dice.pick(prefixesOf(Number(id.split('_')[1])));
  return prefix.replace('0/24', `${1 + dice.below(200)}`);
}

/** Sends the next packet of a flow, if its machine runs. */
export function send(world: World, flow: Flow): void {
  const sender = world.running.find(({ nodeId }) => nodeId === flow.from);
  if (flow.forcedOn !== undefined) sender?.forceOn(flow.forcedOn, nextRequest(flow), flow.destination);
  else sender?.send(nextRequest(flow));
}

/** A few packets, of new flows and of those that are under way. */
export function randomTraffic(world: World, dice: Dice): void {
  for (let i = dice.below(4); i > 0; i--) openFlow(world, dice);
  const recent = world.flows.all.slice(-RECENT);
  for (const flow of dice.some(recent, 0.4)) send(world, flow);
}
