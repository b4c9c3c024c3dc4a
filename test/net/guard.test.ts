import { afterAll, describe, expect, it } from 'vitest';
import { createGuard, guardedConnector } from '../../src/net/guard.ts';
import { createHttp } from '../../src/net/http.ts';
import { startServer } from './server.ts';

const server = await startServer(() => ({ body: 'inside' }));
afterAll(() => server.close());

describe('addresses that are not public', () => {
  const http = createHttp({ perHostMs: 0 });
  afterAll(() => http.close());

  it.each([
    '127.0.0.1',
    'localhost',
    '0.0.0.0',
    '2130706433',
    '0x7f.1',
    '017700000001',
    '127.1',
    '[::1]',
    '[::ffff:127.0.0.1]',
    '[::ffff:7f00:1]',
    '[::7f00:1]',
    '[::]',
  ])('%s is not asked, and the error says how to allow it', async (host) => {
    server.asked.length = 0;
    await expect(http({ url: `http://${host}:${server.port}/` })).rejects.toMatchObject({
      code: 'ADDRESS_BLOCKED',
      fix: expect.stringContaining('`network.allow`'),
    });
    expect(server.asked).toEqual([]);
  });

  it.each([
    '10.0.0.1',
    '172.16.0.1',
    '192.168.1.1',
    '169.254.169.254',
    '168.63.129.16',
    '100.64.0.1',
    '192.0.2.1',
    '198.18.0.1',
    '224.0.0.1',
    '255.255.255.255',
    'fe80::1',
    'fd00::1',
    'ff02::1',
    '64:ff9b::7f00:1',
    '2002:7f00:1::',
    '2001:db8::1',
    'not an address',
  ])('the guard blocks %s', (address) => {
    expect(() => createGuard()(address, address)).toThrow(expect.objectContaining({ code: 'ADDRESS_BLOCKED' }));
  });

  it.each(['1.1.1.1', '93.184.215.14', '2606:4700::1111', '::ffff:1.1.1.1'])('the guard lets %s pass', (address) => {
    expect(() => createGuard()(address, address)).not.toThrow();
  });

  it('refuses a name of which one address of several is not public', async () => {
    const guard = createGuard();
    const connect = guardedConnector(guard, (_name, _options, found) => {
      found(null, [
        { address: '1.1.1.1', family: 4 },
        { address: '127.0.0.1', family: 4 },
      ]);
    });
    const error = await new Promise<unknown>((resolve) => {
      const target = { hostname: 'two-faced.example', protocol: 'http:', port: String(server.port) };
      connect(target, (...[failed]) => resolve(failed));
    });
    expect(error).toMatchObject({ code: 'ADDRESS_BLOCKED', message: expect.stringContaining('two-faced.example') });
  });

  it('is checked again behind a redirect', async () => {
    const door = await startServer(() => ({ status: 302, headers: { location: `http://127.0.0.2:${server.port}/` } }));
    const narrow = createHttp({ allow: ['127.0.0.1/32'], perHostMs: 0 });
    server.asked.length = 0;
    await expect(narrow({ url: door.base })).rejects.toMatchObject({ code: 'ADDRESS_BLOCKED' });
    expect(server.asked).toEqual([]);
    await narrow.close();
    await door.close();
  });
});

describe('allowed networks', () => {
  it('are asked, by number and by name', async () => {
    const http = createHttp({ allow: ['127.0.0.0/8', '::1/128'], perHostMs: 0 });
    for (const host of ['127.0.0.1', 'localhost']) {
      const answer = await http({ url: `http://${host}:${server.port}/` });
      expect(Buffer.from(answer.body).toString()).toBe('inside');
    }
    await http.close();
  });

  it('that are no networks are a mistake in the configuration', () => {
    expect(() => createHttp({ allow: ['127.0.0.1'] })).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }));
  });
});
