const known = new Map<string, string>();

/** The digits of a text, of whatever script, as ASCII; everything else is left out. */
export function digitsOf(text: string): string {
  return text.replace(/\P{Nd}+/gu, '').replace(/[^0-9]/gu, (digit) => {
    const plain = known.get(digit) ?? String(digitValue(digit));
    known.set(digit, plain);
    return plain;
  });
}

/**
 * The value of a decimal digit of any script. Unicode lays the ten digits of a script out in one row (Unicode Standard,
 * section 4.6), so it is the distance to the start of the
 * row, or of the rows that touch; mathematical digits, which begin anywhere, fold to ASCII.
 */
function digitValue(digit: string): number {
  const plain = digit.normalize('NFKC');
  if (/^[0-9]$/.test(plain)) return Number(plain);
  const code = digit.codePointAt(0)!;
  let first = code;
  while (/^\p{Nd}$/u.test(String.fromCodePoint(first - 1))) first -= 1;
  return (code - first) % 10;
}
