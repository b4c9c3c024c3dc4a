import { describe, expect, it } from 'vitest';
import { decodeText, guessEncoding, readJson } from '../../src/text/decode.ts';

const utf16le = (text: string) => Buffer.from(text, 'utf16le');
const xml = (encoding: string) => Buffer.from(`<?xml version="1.0" encoding="${encoding}"?>`);
/** "Łódź" in windows-1250 and iso-8859-2. */
const LODZ_1250 = Buffer.from([0xa3, 0xf3, 0x64, 0x9f]);
const LODZ_8859_2 = Buffer.from([0xa3, 0xf3, 0x64, 0xbc]);

describe('bytes to text', () => {
  it('goes by the byte order mark before anything else', () => {
    const body = Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), Buffer.from('é')]);
    expect(decodeText({ body, contentType: 'text/xml; charset=iso-8859-1' })).toBe('é');
    expect(decodeText({ body: Buffer.concat([Buffer.from([0xff, 0xfe]), utf16le('Łódź')]) })).toBe('Łódź');
    expect(decodeText({ body: Buffer.concat([Buffer.from([0xfe, 0xff]), utf16le('Łódź').swap16()]) })).toBe('Łódź');
  });

  it('knows UTF-16 without a mark by the declaration', () => {
    const text = '<?xml version="1.0"?><a>Łódź</a>';
    expect(decodeText({ body: utf16le(text) })).toBe(text);
    expect(decodeText({ body: utf16le(text).swap16() })).toBe(text);
  });

  it('believes the HTTP header before the declaration', () => {
    const body = Buffer.concat([xml('utf-8'), LODZ_1250]);
    expect(decodeText({ body, contentType: 'text/xml; charset="windows-1250"' })).toMatch(/Łódź$/);
  });

  it('believes the declaration where the header says nothing it knows', () => {
    const body = Buffer.concat([xml('ISO-8859-2'), LODZ_8859_2]);
    expect(decodeText({ body, contentType: 'text/xml' })).toMatch(/Łódź$/);
    expect(decodeText({ body, contentType: 'text/xml; charset=martian' })).toMatch(/Łódź$/);
  });

  it('takes UTF-8, else windows-1252, where nothing is said', () => {
    expect(decodeText({ body: Buffer.from('Łódź') })).toBe('Łódź');
    expect(decodeText({ body: Buffer.from([0x63, 0x61, 0x66, 0xe9]) })).toBe('café');
    expect(guessEncoding(Buffer.from('Łódź').subarray(0, 1))).toBe('utf-8');
  });

  it('keeps the quotation marks and the euro sign of windows-1252, by whatever name', () => {
    const body = Buffer.from([0x93, 0x35, 0x80, 0x94]);
    for (const charset of ['windows-1252', 'iso-8859-1', 'windows_1252', 'MS-ANSI']) {
      expect(decodeText({ body, contentType: `text/xml; charset=${charset}` })).toBe('“5€”');
    }
    expect(decodeText({ body })).toBe('“5€”');
  });

  it('knows UTF-32 by its mark and by its beginning', () => {
    const utf32 = (text: string, isLittle: boolean) => {
      const bytes = Buffer.alloc([...text].length * 4);
      [...text].forEach((character, index) => {
        const code = character.codePointAt(0)!;
        if (isLittle) bytes.writeUInt32LE(code, index * 4);
        else bytes.writeUInt32BE(code, index * 4);
      });
      return bytes;
    };
    for (const isLittle of [true, false]) {
      expect(decodeText({ body: utf32('\ufeff<a>Łódź 🎸</a>', isLittle) })).toBe('<a>Łódź 🎸</a>');
      expect(decodeText({ body: utf32('<?xml version="1.0"?>', isLittle) })).toBe('<?xml version="1.0"?>');
    }
  });

  it('lets the bytes decide where header and declaration differ and one is UTF-8', () => {
    const utf8 = Buffer.concat([xml('utf-8'), Buffer.from('Łódź')]);
    expect(decodeText({ body: utf8, contentType: 'text/xml; charset=iso-8859-1' })).toMatch(/Łódź$/);
    const other = Buffer.concat([xml('windows-1250'), LODZ_1250]);
    expect(decodeText({ body: other, contentType: 'text/xml; charset=utf-8' })).toMatch(/Łódź$/);
  });

  it('does not believe in UTF-8 of which no character is right', () => {
    expect(decodeText({ body: Buffer.concat([xml('utf-8'), Buffer.from([0x63, 0x61, 0x66, 0xe9])]) })).toMatch(/café$/);
    const oneBad = Buffer.concat([Buffer.from('Łódź'), Buffer.from([0xff])]);
    expect(decodeText({ body: oneBad, contentType: 'text/plain; charset=utf-8' })).toBe('Łódź\ufffd');
  });
});

describe('JSON', () => {
  it('is read with its mark', () => {
    expect(readJson({ body: Buffer.from('\ufeff{"a":1}') }, 'x')).toEqual({ a: 1 });
  });

  it.each([
    ['', 'nothing'],
    ['<html><head><TITLE>Sign&nbsp;in &amp; go</TITLE>', 'an HTML page titled "Sign in & go"'],
    ['<!doctype html><p>x', 'an HTML page without a title'],
    ['<rss/>', 'an XML document'],
    ['{"a":', 'JSON that is broken or cut off'],
    [
      'Too many requests, slow down please, said the server',
      'text that begins "Too many requests, slow down please, sai"',
    ],
  ])('%s is called by its name', (body, said) => {
    expect(() => readJson({ body: Buffer.from(body) }, 'a list')).toThrow(
      expect.objectContaining({
        code: 'SOURCE_SHAPE',
        message: expect.stringContaining(`Expected a list, but ${said}`),
      }),
    );
  });
});
