import { describe, expect, it } from 'vitest';
import { addressesIn, decodeWords, idsIn, readParameters } from '../../src/text/mail/headers.ts';
import { readLetter } from '../../src/text/mail/letter.ts';
import { ownWords } from '../../src/text/mail/own-words.ts';

const letter = (raw: string, encoding: BufferEncoding = 'utf8') => readLetter(Buffer.from(raw, encoding));
const plain = (text: string, isReply = true) => ownWords([{ isHtml: false, text }], isReply);
const html = (text: string, isReply = true) => ownWords([{ isHtml: true, text }], isReply);

describe('header words', () => {
  it.each([
    ['=?utf-8?B?R3LDvMOfZQ==?=', 'Grüße'],
    ['=?iso-8859-2?Q?=B1=EA_=F3?= b', 'ąę ó b'],
    ['=?UTF-8?Q?a?= =?UTF-8?Q?b?= c', 'ab c'],
    ['=?utf-8?B?8J+Y?= =?utf-8?B?gA==?=', '😀'],
    ['=?utf-8*de?Q?ja=3F?=', 'ja?'],
    ['=?ks_c_5601-1987?B?vsiz5w==?=', '안녕'],
    ['=?windows-1251?B?z/Do4uXy?= =?koi8-r?B?0NLJ18XU?=', 'Приветпривет'],
    ['=?iso-2022-jp?B?GyRCJCIbKEI=?=', 'あ'],
    ['=?nonsense?Q?a=E9?=', 'aé'],
    ['=?utf-8?X?zzz?= =?utf-8?Q?open', '=?utf-8?X?zzz?= =?utf-8?Q?open'],
  ])('%s', (coded, text) => {
    expect(decodeWords(coded)).toBe(text);
  });

  it.each([
    ['a@b.example', [['a@b.example', undefined]]],
    [
      '"Ruiz, Ana" <Ana@B.example>, Bo <bo@b.example>',
      [
        ['ana@b.example', 'Ruiz, Ana'],
        ['bo@b.example', 'Bo'],
      ],
    ],
    [
      'team: a@b.example, c@d.example;',
      [
        ['a@b.example', undefined],
        ['c@d.example', undefined],
      ],
    ],
    ['a@b.example (Ana Ruiz)', [['a@b.example', 'Ana Ruiz']]],
    [String.raw`"An \"a\" <x@y.example>" <a@b.example>`, [['a@b.example', 'An "a" <x@y.example>']]],
    ['=?utf-8?Q?Ruiz=2C_Ana?= <a@b.example>', [['a@b.example', 'Ruiz, Ana']]],
    ['undisclosed-recipients:;', []],
    ['nobody', []],
  ])('addresses of %s', (field, addresses) => {
    expect(addressesIn(field).map(({ address, name }) => [address, name])).toEqual(addresses);
  });

  it('ids and parameters', () => {
    expect(idsIn('<a@b> (said) <c@d>\t<e f@g>')).toEqual(['a@b', 'c@d']);
    expect(readParameters(String.raw`Text/HTML; charset="utf\-8" ; Format=flowed`)).toEqual({
      value: 'text/html',
      parameters: { charset: 'utf-8', format: 'flowed' },
    });
    expect(readParameters('a/b; __proto__=x').parameters['charset']).toBeUndefined();
  });
});

describe('what somebody wrote anew', () => {
  it.each([
    [
      'below a line that tells who wrote',
      'Thanks!\n\nOn Mon, 2 Feb 2026 at 10:00, Noa <noa@v.example>\nwrote:\n\n> Hello\n> there',
      'Thanks!',
    ],
    ['in any language', 'Danke!\n\n2026-02-02 10:00, Noa <n@v.example>:\n> Hallo', 'Danke!'],
    ['between quotations', 'On 2 Feb 2026 at 10:00, Noa wrote:\n> Colour?\nBlue.\n> Size?\nLarge.', 'Blue.\nLarge.'],
    ['above an original message', 'It broke.\n\n-----Original Message-----\nFrom: Noa\nHello', 'It broke.'],
    [
      'above the header of the old mail',
      'Kaputt.\n________________________________\nVon: Noa <n@v.example>\nGesendet: Montag\nAn: Ilse\nBetreff: Tasche\n\nHallo',
      'Kaputt.',
    ],
    [
      'above an unmarked old mail',
      'Merci.\n\nLe lun. 2 févr. 2026 à 10:00, Noa <n@v.example> a écrit :\nBonjour',
      'Merci.',
    ],
    ['above a signature', 'It broke.\n-- \nIlse\nGarden Way 3', 'It broke.'],
    ['on a phone', 'It broke.\n\nSent from my iPhone', 'It broke.'],
  ])('%s', (_, text, own) => {
    expect(plain(text)).toBe(own);
  });

  it.each([
    ['it begins no conversation', 'I quote:\n> five stars', 'I quote:\n> five stars', false],
    [
      'nobody is named',
      'Delivery took\n> 5 days\nand that is too long',
      'Delivery took\n> 5 days\nand that is too long',
      true,
    ],
    ['nothing else is there', '> all of it\n> is quoted', '> all of it\n> is quoted', true],
    [
      'it is a form',
      'Name: Ilse\nFrom: Ulm\nOrder: 5521\nIt broke',
      'Name: Ilse\nFrom: Ulm\nOrder: 5521\nIt broke',
      true,
    ],
    ['a line is a rule', 'One\n-- \n' + 'long\n'.repeat(20), `One\n--\n${'long\n'.repeat(20).trim()}`, true],
    ['it is the first line', 'Sent from my heart', 'Sent from my heart', true],
    [
      'it tells of a date',
      'On Monday the courier wrote: nobody home',
      'On Monday the courier wrote: nobody home',
      true,
    ],
  ])('cuts nothing where %s', (_, text, own, isReply) => {
    expect(plain(text, isReply)).toBe(own);
  });

  it.each([
    [
      'Gmail',
      '<div>Blue.</div><div class="gmail_quote"><div>On Mon, 2 Feb 2026 at 10:00, Noa &lt;n@v.example&gt; wrote:</div><blockquote class="gmail_quote">Colour?<blockquote>x</blockquote>y</blockquote></div>',
      'Blue.',
    ],
    [
      'Thunderbird, between',
      '<p>Hi</p><div class="moz-cite-prefix">On 02/02/2026 10:00, Noa wrote:</div><blockquote type="cite">Colour?</blockquote><p>Blue.</p><blockquote type="cite">Size?</blockquote><p>Large.</p>',
      'Hi\n\nBlue.\n\nLarge.',
    ],
    ['Outlook', '<div>Blue.</div><div id="divRplyFwdMsg"><b>From:</b> Noa</div><div>Colour?</div>', 'Blue.'],
    [
      'Outlook of old',
      '<p>Blue.</p><div style="border:none;border-top:solid #E1E1E1 1.0pt"><p>Von: Noa</p></div><p>Colour?</p>',
      'Blue.',
    ],
    ['nothing but a quotation', '<blockquote type="cite">Colour?</blockquote>', 'Colour?'],
    [
      'a quotation of its own',
      '<p>It says:</p><blockquote>five years</blockquote><p>Not true.</p>',
      'It says:\n\nfive years\n\nNot true.',
    ],
  ])('HTML: %s', (_, text, own) => {
    expect(html(text)).toBe(own);
  });
});

describe('a mail', () => {
  it('joins flowed lines, and keeps quotations and signatures apart', () => {
    const flowed = 'From: a@b.example\nContent-Type: text/plain; format=flowed\n\nOne \ntwo \n> old\n three\n-- \nme';
    expect(letter(flowed).text).toBe('One two\n> old\nthree');
    const asian = 'From: a@b.example\nContent-Type: text/plain; format=flowed; delsp=yes\n\n一 \n二';
    expect(letter(asian).text).toBe('一二');
  });

  it('decodes by charset, told or not', () => {
    const head = (type: string) => `From: a@b.example\nContent-Type: text/plain${type}\n\n`;
    expect(letter(`${head('; charset=windows-1250')}\xb9\x9c`, 'latin1').text).toBe('ąś');
    expect(letter(`${head('')}caf\xe9`, 'latin1').text).toBe('café');
    expect(letter(`${head('')}café`).text).toBe('café');
    expect(letter('From: J\xf3zef <j@b.example>\n\nx', 'latin1').from?.name).toBe('Józef');
  });

  it('takes all words between pictures, none of attachments, and plain before HTML', () => {
    const parts = [
      'Content-Type: text/plain\n\nFirst.',
      'Content-Type: image/jpeg\n\nxxxx',
      'Content-Type: text/plain\n\nSecond.',
      'Content-Type: text/html\nContent-Disposition: attachment\n\n<p>no</p>',
      'Content-Type: message/rfc822\n\nFrom: x@y.example\n\nno',
      'Content-Type: multipart/alternative; boundary=in\n\n--in\n\nThird.\n--in\nContent-Type: text/html\n\n<p>no</p>\n--in--',
    ];
    const body = parts.map((part) => `--out\n${part}\n`).join('');
    const raw = `From: a@b.example\nContent-Type: multipart/mixed; boundary="out"\n\n${body}--out--\n--out\n\nno`;
    expect(letter(raw).text).toBe('First.\n\nSecond.\n\nThird.');
  });

  it('hangs on no conversation but its own where it answers none', () => {
    expect(letter('From: a@b.example\nMessage-ID: <m@b>\n\nx')).toMatchObject({ thread: 'm@b', replyTo: undefined });
    expect(letter('From: a@b.example\nMessage-ID: <m@b>\nIn-Reply-To: <l@b>\n\nx')).toMatchObject({
      thread: 'l@b',
      replyTo: 'l@b',
    });
    const references = letter('From: a@b.example\nMessage-ID: <m@b>\nReferences: <j@b>\n <k@b>\n\nx');
    expect(references).toMatchObject({ thread: 'j@b', replyTo: 'k@b' });
  });

  it('without an id has one of its own, the same each time', () => {
    const [one, same, other] = ['a', 'a', 'c'].map((name) => letter(`From: ${name}@b.example\nSubject: x\n\nx`).id);
    expect(one).toMatch(/^mail-[0-9a-f]{32}$/);
    expect([same, other === one]).toEqual([one, false]);
  });

  it.each([
    ['parts within parts', `From: a@b.example\n${'Content-Type: multipart/mixed; boundary=a\n\n--a\n'.repeat(20_000)}`],
    [
      'parts beside parts',
      `From: a@b.example\nContent-Type: multipart/mixed; boundary=a\n\n${'--a\n\nx\n'.repeat(100_000)}`,
    ],
    ['a header without end', `From: ${'=?a?q?'.repeat(100_000)}`],
    ['quotes without end', `From: ${'"\\'.repeat(200_000)}\n\nx`],
    ['addresses without end', `From: ${'<a@b>,'.repeat(100_000)}\n\nx`],
    ['parameters without end', `From: a@b.example\nContent-Type: text/plain${'; a="\\\\'.repeat(50_000)}\n\nx`],
    ['fields without end', `From: a@b.example\n${'X: y\n'.repeat(200_000)}\n\nx`],
    ['words without end', `From: a@b.example\nSubject: ${'=?utf-8?q?a?= '.repeat(50_000)}\n\nx`],
    [
      'quotations without end',
      `From: a@b.example\nIn-Reply-To: <a@b>\n\nhi\n${'On a 1:00 b wrote\n> x\ny\n'.repeat(30_000)}`,
    ],
    [
      'elements without end',
      `From: a@b.example\nIn-Reply-To: <a@b>\nContent-Type: text/html\n\nhi${'<blockquote type=cite'.repeat(30_000)}`,
    ],
    ['divs', `From: a@b.example\nIn-Reply-To: <a@b>\nContent-Type: text/html\n\nhi${'<div class="'.repeat(50_000)}`],
    ['equals signs', `From: a@b.example\nContent-Transfer-Encoding: quoted-printable\n\n${'=   '.repeat(100_000)}`],
  ])('meets %s in little time', (_, raw) => {
    const began = performance.now();
    letter(raw.slice(0, 300_000));
    expect(performance.now() - began).toBeLessThan(20_000);
  });
});
