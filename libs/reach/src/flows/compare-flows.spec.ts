import { expect, test } from '@jest/globals';
import { aTailnet } from '#tailnet/testing';
import { expectFlowsToAgree } from '../testing/flows-agree.js';
import { compareFlows } from './compare-flows.js';

test('what is told as lost and gained is what following every packet at both moments finds', () => {
  expectFlowsToAgree(40);
});

test('there is a limit to the classes of ends that are looked at', () => {
  const people = Array.from({ length: 12 }, (_, i) => `user${i}`);
  const tailnet = people.reduce(
    (built, name) => built.withUser(name).withNode(`${name}-pc`, { user: name }),
    aTailnet(),
  );
  const to = (port: number) => ({
    acls: people.map((name, i) => ({ action: 'accept', src: [`${name}@example.com`], dst: [`*:${port + i}`] })),
  });
  const [before, after] = [tailnet.withPolicy(to(100)).state, tailnet.withPolicy(to(200)).state];
  expect(compareFlows(before, after).isComplete).toBe(true);
  expect(compareFlows(before, after, undefined, 5).isComplete).toBe(false);
});
