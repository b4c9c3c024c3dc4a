import { readFileSync } from 'node:fs';
import { strToU8, zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { sheetRows } from '../../src/text/rows/xlsx.ts';
import { openZip } from '../../src/text/rows/zip.ts';

const RELATION = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';

interface Parts {
  rows: string;
  strings?: string;
  formats?: string;
  cells?: string;
  properties?: string;
  sheets?: string;
  relations?: string;
}

/** The least that spreadsheet programs open. */
function workbook({ rows, strings, formats = '', cells = '', properties = '', sheets, relations = '' }: Parts) {
  const files = {
    'xl/workbook.xml': `<workbook>${properties}<sheets>${sheets ?? '<sheet name="One" r:id="r1"/>'}</sheets></workbook>`,
    'xl/_rels/workbook.xml.rels': `<Relationships><Relationship Id="r1" Type="${RELATION}/worksheet" Target="worksheets/sheet1.xml"/>${relations}</Relationships>`,
    'xl/worksheets/sheet1.xml': `<worksheet><sheetData>${rows}</sheetData></worksheet>`,
    'xl/styles.xml': `<styleSheet><numFmts>${formats}</numFmts><cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs>${cells}</cellXfs></styleSheet>`,
    ...(strings !== undefined && { 'xl/sharedStrings.xml': `<sst>${strings}</sst>` }),
  };
  return zipSync(Object.fromEntries(Object.entries(files).map(([name, text]) => [name, strToU8(text)])));
}

const text = (words: string) => `<c t="inlineStr"><is><t>${words}</t></is></c>`;
const header = (...names: string[]) => `<row>${names.map(text).join('')}</row>`;
const read = (bytes: Uint8Array, sheet?: string) => [...sheetRows(bytes, sheet)];
const valuesOf = (parts: Parts, sheet?: string) => read(workbook(parts), sheet).map(({ values }) => values);

/** One cell below the header "a", of the style that has this format. */
function shown(cell: string, format?: string, properties = ''): unknown {
  const formats = format === undefined ? '' : `<numFmt numFmtId="170" formatCode="${format}"/>`;
  const rows = `${header('a')}<row>${cell}</row>`;
  return valuesOf({
    rows,
    formats,
    properties,
    cells: '<xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="170"/>',
  })[0]?.['a'];
}

describe('cells of a workbook', () => {
  it.each([
    ['<c><v>4</v></c>', '4'],
    ['<c><v>0.5</v></c>', '0.5'],
    ['<c><v>1.2345678901E10</v></c>', '12345678901'],
    ['<c><v>1E-3</v></c>', '1E-3'],
    ['<c t="b"><v>1</v></c>', 'TRUE'],
    ['<c t="e"><v>#N/A</v></c>', undefined],
    ['<c t="str"><f>1+1</f><v>two</v></c>', 'two'],
    ['<c><f>HYPERLINK("http://x.example")</f></c>', undefined],
    [
      '<c t="inlineStr"><is><r><t>a</t></r><rPh><t>never</t></rPh><r><t xml:space="preserve"> b</t></r></is></c>',
      'a b',
    ],
    ['<c t="inlineStr"><is><t>a_x000A_b _x005F_x</t></is></c>', 'a\nb _x'],
    ['<c t="inlineStr"><is><t>&lt;b&gt; &amp; ü</t></is></c>', '<b> & ü'],
    ['<x:c xmlns:x="y"><x:v>5</x:v></x:c>', '5'],
    ['<c t="d"><v>2026-01-31T10:00:00</v></c>', '2026-01-31'],
  ])('%s is %s', (cell, value) => {
    expect(shown(`${cell}${text('so that the row is not empty')}`)).toBe(value);
  });

  it.each([
    ['a built-in format', '<c s="1"><v>46053</v></c>', undefined, '2026-01-31'],
    ['the first day that is counted alike everywhere', '<c s="1"><v>61</v></c>', undefined, '1900-03-01'],
    ['a day that was counted wrong', '<c s="1"><v>60</v></c>', undefined, '60'],
    ['an own format', '<c s="2"><v>46053</v></c>', 'dd/mm/yyyy', '2026-01-31'],
    [
      'a day with a time, of which only the day is certain',
      '<c s="2"><v>46053.99999</v></c>',
      'yyyy-mm-dd hh:mm',
      '2026-01-31',
    ],
    ['a time', '<c s="2"><v>0.4375</v></c>', '[h]:mm', '10:30'],
    ['no date: words in quotes', '<c s="2"><v>46053</v></c>', '0 &quot;days&quot;', '46053'],
    ['no date: a colour', '<c s="2"><v>46053</v></c>', '[Red]0.00', '46053'],
    ['no date: behind a backslash', '<c s="2"><v>46053</v></c>', String.raw`0\d`, '46053'],
    ['no date: no number', '<c s="1"><v>soon</v></c>', undefined, 'soon'],
    ['no date: beyond all days', '<c s="1"><v>9999999999</v></c>', undefined, '9999999999'],
    ['no date: another style', '<c s="0"><v>46053</v></c>', undefined, '46053'],
  ])('days: %s', (_, cell, format, value) => {
    expect(shown(cell, format)).toBe(value);
  });

  it('days are counted from 1904 where the workbook says so', () => {
    expect(shown('<c s="1"><v>44591</v></c>', undefined, '<workbookPr date1904="1"/>')).toBe('2026-01-31');
  });

  it('stand in their columns, also with holes, beside names without words', () => {
    const rows = `<row r="3"><c r="B3" t="s"><v>0</v></c><c r="D3" t="s"><v>1</v></c></row><row r="9"><c r="AA9"><v>9</v></c><c r="D9"><v>4</v></c><c r="A9"><v>1</v></c></row>`;
    const [row] = read(workbook({ rows, strings: '<si><t> Text </t></si><si><t>NPS</t></si>' }));
    expect(row).toMatchObject({ line: 9, header: [' Text ', 'NPS'] });
    expect(row!.values).toEqual({ text: undefined, nps: '4' });
  });
});

describe('sheets of a workbook', () => {
  const relations = `<Relationship Id="r2" Type="${RELATION}/worksheet" Target="/xl/worksheets/sheet1.xml"/>`;
  const rows = `${header('a')}<row>${text('b')}</row>`;

  it('are found by name, whatever its case and the place of its part', () => {
    const sheets = '<sheet name="First" r:id="r9"/><sheet name="Second" r:id="r2"/>';
    expect(valuesOf({ rows, sheets, relations }, ' second')).toEqual([{ a: 'b' }]);
  });

  it('hidden ones are read only by name', () => {
    const fixture = readFileSync(new URL('../fixtures/sources/file/answers.xlsx', import.meta.url));
    expect(read(fixture)).toHaveLength(4);
    expect(read(fixture, 'notes').map(({ values }) => values)).toEqual([{ text: 'Hidden.' }]);
  });

  it('a name that there is not is told, with those that there are', () => {
    expect(() => valuesOf({ rows }, 'Two')).toThrow(
      expect.objectContaining({ code: 'SOURCE_SHAPE', message: expect.stringContaining('Its sheets are: One.') }),
    );
  });

  it('may be empty', () => {
    expect(valuesOf({ rows: '' })).toEqual([]);
    expect(valuesOf({ rows: header('a') })).toEqual([]);
  });
});

describe('a workbook that is none', () => {
  const shape = expect.objectContaining({ code: 'SOURCE_SHAPE' });
  const whole = workbook({ rows: header('a') });

  it('is told from another archive, and from what is no archive', () => {
    expect(() => read(zipSync({ 'word/document.xml': strToU8('<a/>') }))).toThrow(shape);
    expect(() => read(strToU8('text,date'))).toThrow(shape);
    expect(() => read(new Uint8Array())).toThrow(shape);
    expect(() => read(strToU8('\u00d0\u00cf\u0011\u00e0'))).toThrow(shape);
  });

  it.each([0.1, 0.5, 0.9, 0.99])('is told where it is cut off at %d', (part) => {
    expect(() => read(whole.subarray(0, Math.floor(whole.length * part)))).toThrow(shape);
  });

  it('that unpacks to too much is not unpacked, whatever size it claims', () => {
    const bomb = zipSync({ 'xl/a': new Uint8Array(30 * 1_048_576) });
    const before = process.memoryUsage().rss;
    expect(() => openZip(bomb, 'a file')('xl/a', 1_048_576)).toThrow(
      expect.objectContaining({ code: 'REMOTE_TOO_LARGE', message: 'xl/a unpacks to more than 1 MB.' }),
    );
    expect(process.memoryUsage().rss - before).toBeLessThan(20 * 1_048_576);
  });

  it('is told where a file of it reaches beyond its end', () => {
    const archive = Buffer.from(zipSync({ 'xl/a': [strToU8('words'), { level: 0 }] }));
    expect(openZip(archive, 'a file')('xl/a', 100)?.toString()).toBe('words');
    archive.writeUInt32LE(9_999, archive.indexOf('PK\u0001\u0002') + 20);
    expect(() => openZip(archive, 'a file')('xl/a', 100)).toThrow(shape);
  });

  it('entities that unfold are not unfolded', () => {
    const bomb = `<!DOCTYPE a [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>${header('a')}<row>${text('&b;')}</row>`;
    expect(valuesOf({ rows: bomb })).toEqual([{ a: '&b;' }]);
  });

  it('with a row to the end of the sheet, and rows without end, is read in little time', () => {
    const wide = Array.from({ length: 16_000 }, (_, column) => `<c><v>${column}</v></c>`).join('');
    const began = performance.now();
    expect(read(workbook({ rows: `<row>${wide}</row><row>${wide}</row>` }))[0]!.header).toHaveLength(2_000);
    expect(read(workbook({ rows: `${header('a')}${`<row>${text('b')}</row>`.repeat(50_000)}` }))).toHaveLength(50_000);
    expect(performance.now() - began).toBeLessThan(20_000);
  });
});
