import { expect, test } from '@jest/globals';
import { aTailnet, nodeId } from '../testing/tailnet-builder.js';
import { explainPolicy } from './explain-policy.js';

const SSH = { port: 22, protocol: 6 };
const tailnet = aTailnet()
  .withUser('ann')
  .withNode('laptop', { user: 'ann' })
  .withNode('db', { tags: ['tag:db'] });
const policy = {
  tagOwners: { 'tag:db': [] },
  acls: [{ action: 'accept', src: ['ann@example.com'], dst: ['tag:db:22'] }],
};

test('nodes are asked about by name or by id, and answered about by name', () => {
  const { state } = tailnet.withPolicy(policy);
  const summary = 'laptop to db:22/tcp is allowed by acls[0]';
  expect(explainPolicy(state, { src: 'laptop', dst: 'db', ...SSH })).toMatchObject({ allowed: true, summary });
  expect(explainPolicy(state, { src: nodeId('laptop'), dst: nodeId('db'), ...SSH })).toMatchObject({ summary });
  expect(explainPolicy(state, { src: 'db', dst: 'laptop', ...SSH })).toMatchObject({ allowed: false });
});

test('nothing is allowed before there is a policy', () => {
  const { allowed, summary } = explainPolicy(tailnet.state, { src: 'laptop', dst: 'db', ...SSH });
  expect([allowed, summary]).toEqual([false, 'nothing is allowed: no policy has been published']);
});
