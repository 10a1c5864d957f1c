import { expect, test } from '@jest/globals';
import { agentsUrlOf, parseAgentsUrl } from './agents-url.js';

test('others are told of the port for agents at the address that people use, unless that is everywhere', () => {
  expect(agentsUrlOf('https://netfold.example.com', 50443)).toBe('https://netfold.example.com:50443');
  expect(agentsUrlOf('http://[::1]:8080', 7)).toBe('http://[::1]:7');
  expect(agentsUrlOf('https://0.0.0.0:8080', 7)).toBeUndefined();
  expect(agentsUrlOf('https://[::]:8080', 7)).toBeUndefined();
  expect(agentsUrlOf('https://netfold.example.com', 0)).toBeUndefined();
});

test('a URL for agents is a scheme, a host and a port', () => {
  expect(parseAgentsUrl('https://r1.example.com:50443/')).toBe('https://r1.example.com:50443');
  for (const bad of ['r1.example.com:50443', 'ftp://a', 'https://a/b', 'https://a?b', 'https://u@a', '']) {
    expect(() => parseAgentsUrl(bad)).toThrow(expect.objectContaining({ code: 'control.bad_agents_url' }));
  }
});
