/**
 * National numbers of persons whose own check digit tells them from any other number. All take bare ASCII digits.
 */

/** Luhn's check (ISO/IEC 7812-1, annex B). */
export function isLuhn(digits: string): boolean {
  let sum = 0;
  for (let place = 0; place < digits.length; place++) {
    const doubled = Number(digits[digits.length - 1 - place]) * (place % 2 === 0 ? 1 : 2);
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}

/** Romanian CNP: sex and century, birth date, county, serial, check (https://ro.wikipedia.org/wiki/Cod_numeric_personal). */
export function isCnp(digits: string): boolean {
  if (!/^[1-9]\d{12}$/.test(digits) || !isDay(digits.slice(3, 5), digits.slice(5, 7))) return false;
  const county = Number(digits.slice(7, 9));
  if (county < 1 || (county > 52 && county !== 70)) return false;
  const rest = weighted(digits, [2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9]) % 11;
  return Number(digits[12]) === (rest === 10 ? 1 : rest);
}

/** Polish PESEL of people born from 1900 to 2099: the century is added to the month (https://www.gov.pl/web/gov/czym-jest-numer-pesel). */
export function isPesel(digits: string): boolean {
  if (!/^\d{2}[0-3]\d{8}$/.test(digits)) return false;
  const month = Number(digits.slice(2, 4)) % 20;
  if (!isDay(String(month), digits.slice(4, 6))) return false;
  return (10 - (weighted(digits, [1, 3, 7, 9, 1, 3, 7, 9, 1, 3]) % 10)) % 10 === Number(digits[10]);
}

/** Saudi national id (begins with 1) and residence permit (2). */
export function isSaudiId(digits: string): boolean {
  return /^[12]\d{9}$/.test(digits) && isLuhn(digits);
}

/** Emirates id: 784, year of birth, serial, check. */
export function isEmiratesId(digits: string): boolean {
  return /^784(?:19|20)\d{10}$/.test(digits) && isLuhn(digits);
}

/** Iranian melli code; ten times the same digit passes the sum but is given to nobody. */
export function isMelliCode(digits: string): boolean {
  if (!/^\d{10}$/.test(digits) || /^(\d)\1{9}$/.test(digits)) return false;
  const rest = weighted(digits, [10, 9, 8, 7, 6, 5, 4, 3, 2]) % 11;
  return Number(digits[9]) === (rest < 2 ? rest : 11 - rest);
}

/** In case of the same code for two people, letters stand for digits from the right ("omocodia"). */
const OMOCODIA = 'LMNPQRSTUV';
/** Values of characters at odd places, by 0–9 or A–Z (Decreto Ministeriale 23/12/1976). */
const ODD_PLACES = [1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23];

/** Italian codice fiscale of a person, in capitals or not. */
export function isCodiceFiscale(text: string): boolean {
  const code = text.toUpperCase();
  const shape = /^[A-Z]{6}([0-9L-NP-V]{2})[A-EHLMPR-T]([0-9L-NP-V]{2})[A-Z]([0-9L-NP-V]{3})[A-Z]$/;
  const day = shape.exec(code)?.[2];
  if (day === undefined) return false;
  // Women's days are 40 higher.
  const born = Number([...day].map(omocodiaDigit).join('')) % 40;
  if (born < 1 || born > 31) return false;
  let sum = 0;
  for (let place = 0; place < 15; place++) {
    const char = code.charCodeAt(place);
    const value = char < 65 ? char - 48 : char - 65;
    sum += place % 2 === 0 ? ODD_PLACES[value]! : value;
  }
  return code.charCodeAt(15) - 65 === sum % 26;
}

const omocodiaDigit = (char: string) => (OMOCODIA.includes(char) ? String(OMOCODIA.indexOf(char)) : char);

function weighted(digits: string, weights: readonly number[]): number {
  return weights.reduce((sum, weight, place) => sum + weight * Number(digits[place]), 0);
}

function isDay(month: string, day: string): boolean {
  return Number(month) >= 1 && Number(month) <= 12 && Number(day) >= 1 && Number(day) <= 31;
}
