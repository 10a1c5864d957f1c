import { describe, expect, test } from '@jest/globals';
import type { RecordType } from 'dns-packet';
import fc from 'fast-check';
import { type Exchange, Resolver } from './resolver.js';
import { answerTo, opt, question, read } from './testing/ask.js';
import { Zone } from './zone.js';

const DOMAIN = 'home.netfold.internal';

function zone(): Zone {
  const made = new Zone();
  made.configure({
    domain: DOMAIN,
    prefixes: ['100.64.0.0/10', 'fd7a:1:2::/48'],
    records: [
      { name: 'db.corp.example.com', type: 'A', value: '10.0.0.7' },
      { name: `wiki.${DOMAIN}`, type: 'CNAME', value: `my-server.${DOMAIN}` },
      { name: `shop.${DOMAIN}`, type: 'CNAME', value: 'shop.example.com' },
      { name: `one.${DOMAIN}`, type: 'CNAME', value: `two.${DOMAIN}` },
      { name: `two.${DOMAIN}`, type: 'CNAME', value: `one.${DOMAIN}` },
      { name: `_note.${DOMAIN}`, type: 'TXT', value: 'any text' },
    ],
  });
  made.put({ id: 'n1', dnsName: `my-server.${DOMAIN}`, addresses: ['100.64.0.1', 'fd7a:1:2::1'] });
  made.put({ id: 'n2', dnsName: `laptop.${DOMAIN}`, addresses: ['100.64.0.2', 'fd7a:1:2::2'] });
  return made;
}

/** A resolver, the questions that reached others, and a clock that only tests move. */
function resolver(exchange: Exchange = () => Promise.reject(new Error('nobody there'))) {
  const asked: [nameserver: string, name: string][] = [];
  const clock = { time: 0, now: () => clock.time };
  const made = new Resolver(zone(), {
    clock,
    exchange: (nameserver, message) => {
      asked.push([nameserver, read(message).questions?.[0]?.name ?? '']);
      return exchange(nameserver, message);
    },
  });
  made.route({
    nameservers: ['192.0.2.1', '192.0.2.2'],
    domains: [
      { domain: 'corp.example.com', nameservers: ['10.0.0.53'] },
      { domain: 'example.com', nameservers: ['10.0.0.54'] },
    ],
  });
  const ask = async (name: string, type: RecordType = 'A', more = {}) =>
    read(await made.answer(question(name, type, more), 'udp'));
  return { made, asked, clock, ask };
}

const data = ({ answers = [] }: ReturnType<typeof read>) =>
  answers.map((one) => ('data' in one ? String(one.data) : ''));

describe('names of the tailnet', () => {
  test.each<[string, RecordType, string[], string]>([
    [`my-server.${DOMAIN}`, 'A', ['100.64.0.1'], 'NOERROR'],
    [`My-Server.${DOMAIN.toUpperCase()}`, 'A', ['100.64.0.1'], 'NOERROR'],
    [`my-server.${DOMAIN}`, 'AAAA', ['fd7a:1:2::1'], 'NOERROR'],
    ['1.0.64.100.in-addr.arpa', 'PTR', [`my-server.${DOMAIN}`], 'NOERROR'],
    [`1.${'0.'.repeat(19)}2.0.0.0.1.0.0.0.a.7.d.f.ip6.arpa`, 'PTR', [`my-server.${DOMAIN}`], 'NOERROR'],
    [`my-server.${DOMAIN}`, 'MX', [], 'NOERROR'],
    [DOMAIN, 'A', [], 'NOERROR'],
    [`nobody.${DOMAIN}`, 'A', [], 'NXDOMAIN'],
    [`x.my-server.${DOMAIN}`, 'A', [], 'NXDOMAIN'],
    ['9.9.64.100.in-addr.arpa', 'PTR', [], 'NXDOMAIN'],
    ['db.corp.example.com', 'A', ['10.0.0.7'], 'NOERROR'],
    ['db.corp.example.com', 'AAAA', [], 'NOERROR'],
    [`wiki.${DOMAIN}`, 'A', [`my-server.${DOMAIN}`, '100.64.0.1'], 'NOERROR'],
    [`_note.${DOMAIN}`, 'TXT', ['any text'], 'NOERROR'],
  ])('%s %s', async (name, type, answers, rcode) => {
    const { ask, asked } = resolver();
    const reply = await ask(name, type);
    expect([data(reply), reply.rcode]).toEqual([answers, rcode]);
    expect([reply.id, reply.flag_aa, reply.flag_ra, reply.flag_rd]).toEqual([7, true, true, true]);
    // A negative answer says for how long.
    expect(reply.authorities?.map(({ type: kind }) => kind)).toEqual(answers.length === 0 ? ['SOA'] : []);
    expect(asked).toEqual([]);
  });

  test('change with the nodes: renamed, removed, two under one name', async () => {
    const { made, ask } = resolver();
    made.zone.put({ id: 'n1', dnsName: `web.${DOMAIN}`, addresses: ['100.64.0.1'] });
    expect((await ask(`my-server.${DOMAIN}`)).rcode).toBe('NXDOMAIN');
    expect(data(await ask('1.0.64.100.in-addr.arpa', 'PTR'))).toEqual([`web.${DOMAIN}`]);
    made.zone.put({ id: 'n2', dnsName: `web.${DOMAIN}`, addresses: ['100.64.0.2'] });
    made.zone.remove('n1');
    expect(data(await ask(`web.${DOMAIN}`))).toEqual(['100.64.0.2']);
    made.zone.remove('n2');
    expect((await ask(`web.${DOMAIN}`)).rcode).toBe('NXDOMAIN');
  });

  test('aliases that lead in a circle end', async () => {
    const reply = await resolver().ask(`one.${DOMAIN}`);
    expect(reply.rcode).toBe('NOERROR');
    expect(data(reply).length).toBeLessThan(12);
  });

  test('an alias that leads outside is followed there', async () => {
    const { ask, asked } = resolver(async (_, message) =>
      answerTo(message, { answers: [{ type: 'A', name: 'shop.example.com', data: '203.0.113.9', ttl: 30 }] }),
    );
    expect(data(await ask(`shop.${DOMAIN}`))).toEqual(['shop.example.com', '203.0.113.9']);
    expect(asked).toEqual([['10.0.0.54', 'shop.example.com']]);
  });
});

describe('other names', () => {
  const a =
    (ttl: number, address = '203.0.113.1'): Exchange =>
    async (_, message) =>
      answerTo(message, { answers: [{ type: 'A', name: 'www.example.org', data: address, ttl }] });

  test('the longest domain decides who is asked', async () => {
    const { ask, asked } = resolver(a(60));
    for (const name of ['x.corp.example.com', 'www.example.com', 'example.com', 'notexample.com', 'org'])
      await ask(name);
    expect(asked.map(([server]) => server)).toEqual(['10.0.0.53', '10.0.0.54', '10.0.0.54', '192.0.2.1', '192.0.2.1']);
  });

  test('an answer is kept for as long as it holds, and grows old meanwhile', async () => {
    const { ask, asked, clock } = resolver(a(60));
    await ask('www.example.org');
    clock.time = 20_500;
    const again = await ask('WWW.example.ORG');
    expect(again.answers).toMatchObject([{ ttl: 40, data: '203.0.113.1' }]);
    expect(again.questions?.[0]?.name).toBe('WWW.example.ORG');
    clock.time = 60_000;
    await ask('www.example.org');
    expect(asked.length).toBe(2);
  });

  test('that there is nothing is kept too, when the answer says for how long', async () => {
    const soa = { mname: 'a', rname: 'b', serial: 1, refresh: 1, retry: 1, expire: 1, minimum: 30 };
    const nothing: Exchange = async (_, message) =>
      answerTo(message, { flags: 0x183, authorities: [{ type: 'SOA', name: 'example.org', ttl: 300, data: soa }] });
    const { ask, asked, clock } = resolver(nothing);
    expect((await ask('gone.example.org')).rcode).toBe('NXDOMAIN');
    clock.time = 29_000;
    expect((await ask('gone.example.org')).rcode).toBe('NXDOMAIN');
    clock.time = 31_000;
    await ask('gone.example.org');
    expect(asked.length).toBe(2);
  });

  test('the next one is asked when the first does not answer, and the first is left alone for a while', async () => {
    const { ask, asked, clock } = resolver((server, message) =>
      server === '192.0.2.1' ? Promise.reject(new Error('timeout')) : a(0)(server, message),
    );
    await ask('www.example.org');
    await ask('www.example.org');
    expect(asked.map(([server]) => server)).toEqual(['192.0.2.1', '192.0.2.2', '192.0.2.2']);
    clock.time = 11_000;
    await ask('www.example.org');
    expect(asked.at(-2)?.[0]).toBe('192.0.2.1');
  });

  test('an answer to another question is none', async () => {
    const { ask } = resolver(async () => answerTo(question('evil.example.net'), {}));
    expect((await ask('www.example.org')).rcode).toBe('SERVFAIL');
  });

  test('a circle of resolvers ends: equal questions wait for the first one', async () => {
    let calls = 0;
    const silent = Promise.withResolvers<Uint8Array>();
    const { ask } = resolver(() => {
      calls += 1;
      return silent.promise;
    });
    const all = Array.from({ length: 50 }, () => ask('www.example.org'));
    silent.reject(new Error('timeout'));
    expect(new Set((await Promise.all(all)).map(({ rcode }) => rcode))).toEqual(new Set(['SERVFAIL']));
    expect(calls).toBe(2); // one per nameserver
  });

  test('nobody to ask: refused', async () => {
    const { made, ask } = resolver();
    made.route({ nameservers: [], domains: [] });
    expect((await ask('www.example.org')).rcode).toBe('REFUSED');
  });
});

describe('datagrams', () => {
  const many: Exchange = async (_, message) =>
    answerTo(message, {
      answers: Array.from({ length: 60 }, (_, i) => ({
        type: 'A',
        name: 'www.example.org',
        data: `203.0.113.${i}`,
        ttl: 9,
      })),
    });

  test('what does not fit is cut off, and says so; over TCP it is whole', async () => {
    const { made } = resolver(many);
    for (const [more, limit] of [
      [{}, 512],
      [opt(1_000), 1_000],
      [opt(100), 512],
      [opt(60_000), 1_232],
    ] as const) {
      const message = question('www.example.org', 'A', more);
      const cut = (await made.answer(message, 'udp')) as Uint8Array;
      expect(cut.length).toBeLessThanOrEqual(limit);
      expect(read(cut)).toMatchObject({ flag_tc: true, answers: [], rcode: 'NOERROR' });
      expect(read(await made.answer(message, 'tcp')).answers).toHaveLength(60);
    }
  });

  test('extensions are answered with extensions, and only then', async () => {
    const { ask } = resolver();
    const name = `my-server.${DOMAIN}`;
    expect((await ask(name)).additionals).toEqual([]);
    expect((await ask(name, 'A', opt(4_096))).additionals).toMatchObject([{ type: 'OPT', udpPayloadSize: 1_232 }]);
    expect((await ask(name, 'A', opt(4_096, 0, 1))).additionals).toMatchObject([{ type: 'OPT', extendedRcode: 1 }]);
  });

  test('answers get no answer; what is no question gets one that says so', async () => {
    const { made } = resolver();
    expect(await made.answer(answerTo(question('a.b'), {}), 'udp')).toBeUndefined();
    expect(await made.answer(new Uint8Array(11), 'udp')).toBeUndefined();
    const update = question('a.b');
    update[2] = 0x28;
    expect(read(await made.answer(update, 'udp')).rcode).toBe('NOTIMP');
    expect(read(await made.answer(question('a.b').subarray(0, 15), 'udp')).rcode).toBe('FORMERR');
    expect(
      read(
        await made.answer(
          question('a.b', 'A', { questions: [{ type: 'TXT', name: 'version.bind', class: 'CH' }] }),
          'udp',
        ),
      ).rcode,
    ).toBe('REFUSED');
  });

  test('whatever comes in, there is an answer of at most the size that the asker takes, or none', async () => {
    const { made } = resolver(many);
    const mutated = fc
      .tuple(
        fc.constantFrom(question(`my-server.${DOMAIN}`), question('a.example.org', 'TXT', opt(1_400))),
        fc.array(fc.tuple(fc.nat(80), fc.nat(255))),
        fc.nat(80),
      )
      .map(([message, flips, cut]) => {
        const bytes = Uint8Array.from(message);
        for (const [at, value] of flips) if (at < bytes.length) bytes[at] = value;
        return bytes.subarray(0, Math.max(0, bytes.length - (cut > 60 ? cut - 60 : 0)));
      });
    await fc.assert(
      fc.asyncProperty(fc.oneof(mutated, fc.uint8Array({ maxLength: 600 })), async (message) => {
        const reply = await made.answer(message, 'udp');
        if (!reply) return;
        expect(reply.length).toBeLessThanOrEqual(1_232);
        expect(reply.subarray(0, 2)).toEqual(message.subarray(0, 2));
        expect(((reply[2] ?? 0) & 0x80) !== 0).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });

  test('whatever a nameserver says, the asker gets an answer to the question', async () => {
    const bytes = { reply: new Uint8Array(0) };
    const { made, clock } = resolver(async (_, message) => {
      const reply = Uint8Array.from(bytes.reply);
      // Often enough something that looks like an answer.
      if (reply.length > 40) reply.set(answerTo(message, {}).subarray(0, 30));
      return reply;
    });
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (reply) => {
        bytes.reply = reply;
        clock.time += 1e9;
        const message = question('www.example.org');
        const given = (await made.answer(message, 'udp')) as Uint8Array;
        expect(given.subarray(12, message.length)).toEqual(message.subarray(12));
      }),
      { numRuns: 2_000 },
    );
  });
});
