import { htmlToText, tidy } from '../html.ts';
import type { Words } from './parts.ts';

/**
 * What somebody wrote anew in a mail. Cut off is only what mail programs mark: the mail that is answered, where it is
 * an answer, and the signature. Where nothing would be left, everything is kept.
 */
export function ownWords(parts: readonly Words[], isReply: boolean): string {
  return parts.map((part) => ownOf(part, isReply)).join('\n\n');
}

function ownOf({ isHtml, text }: Words, isReply: boolean): string {
  const plain = isHtml ? plainOf(text, isReply) : text;
  const lines = plain.split('\n').map((line) => line.trimEnd());
  const own = withoutSignature(isReply ? withoutQuotes(lines) : lines).filter((line) => line !== QUOTED);
  if (own.some(isWritten)) return tidy(own.join('\n'));
  return tidy(isHtml ? htmlToText(text) : text);
}

/** Where programs that answer above the old mail put what they answer; what follows is all of it. */
const OLD_MAIL = [
  /<div\b[^>]{0,300}\bid="?(?:x_)?(?:divRplyFwdMsg|appendonsend|mail-editor-reference-message-container)\b/i,
  /<div\b[^>]{0,300}\bclass="?[^">]{0,200}\b(?:yahoo_quoted|protonmail_quote)\b/i,
  /<div\b[^>]{0,300}\bborder-top:\s?solid #(?:E1E1E1|B5C4DF)/i,
];

function plainOf(html: string, isReply: boolean): string {
  const unsigned = replaceElements(html, 'div', /\bclass="?[^">]{0,200}\bgmail_signature\b/i, '');
  if (!isReply) return htmlToText(unsigned);
  const at = OLD_MAIL.map((mark) => unsigned.search(mark)).filter((place) => place > 0);
  const above = at.length === 0 ? unsigned : unsigned.slice(0, Math.min(...at));
  const readable = isWritten(htmlToText(above)) ? above : unsigned;
  // Quoted as plain mails quote, so that answers between the quotations stay.
  return htmlToText(replaceElements(readable, 'blockquote', QUOTING, `<p>${QUOTED}</p>`));
}

/** Stands for a quotation of HTML. */
const QUOTED = '> …';
const QUOTING = /\btype="?cite\b|\bclass="?[^">]{0,200}\b(?:gmail_quote|quote)\b/i;

/** Replaces whole elements of one name whose start tag fits, with all that is inside. Linear; an open end is the end. */
function replaceElements(html: string, name: string, wanted: RegExp, by: string): string {
  const tags = new RegExp(`<(/?)${name}\\b[^>]{0,2000}>`, 'gi');
  const kept: string[] = [];
  let from = 0;
  let depth = 0;
  for (const tag of html.matchAll(tags)) {
    const isEnd = tag[1] === '/';
    if (depth === 0 && (isEnd || !wanted.test(tag[0]))) continue;
    if (depth === 0) kept.push(html.slice(from, tag.index), by);
    depth += isEnd ? -1 : 1;
    from = tag.index + tag[0].length;
  }
  return depth > 0 ? kept.join('') : kept.join('') + html.slice(from);
}

const isWritten = (line: string) => line.trim() !== '';
const isQuoted = (line: string) => /^\s{0,3}>/.test(line);

const ORIGINAL =
  /^\s*-{2,}\s?(?:original message|original appointment|forwarded message|urspr.ngliche nachricht|message d.origine|mensaje original|messaggio originale|oorspronkelijk bericht|mesaj original|mesajul original|wiadomo.. oryginalna|mensagem original|исходное сообщение|原始邮件)\s?-{2,}\s*$/iu;
const FROM = /^\W{0,3}(?:from|von|de|da|van|od|från|fra|kimden|от|发件人|差出人)\W{0,3}\s?:\s?\S/iu;
const BESIDE =
  /^\W{0,3}(?:sent|date|to|cc|subject|gesendet|datum|an|betreff|envoyé|à|objet|enviado|fecha|para|asunto|inviato|data|a|oggetto|verzonden|aan|onderwerp|trimis|către|subiect|wysłano|do|temat|assunto|skickat|till|ämne|дата|кому|тема|发送时间|收件人|主题)\W{0,3}\s?:/iu;
/** Lines that say who wrote when, as programs put them above a quotation. */
const ATTRIBUTION =
  /^(?:on|am|le|el|il|op|w dniu|în|pe|em|den|dne|dnia|tarihinde|вт|пн|ср|чт|пт|сб|вс)(?=[\s,]).{5,300}(?:wrote|schrieb.{0,80}|a écrit|escribió|ha scritto|schreef.{0,80}|pisze|napisał(?:\(a\))?|a scris|escreveu|skrev.{0,80}|şunu yazdı|пишет|написал)\s?:$/isu;

function withoutQuotes(lines: readonly string[]): string[] {
  const end = lines.findIndex((_, index) => beginsOldMail(lines, index));
  const above = end > 0 && lines.slice(0, end).some(isWritten) ? lines.slice(0, end) : lines;
  const first = above.findIndex(isQuoted);
  if (first < 0) return [...above];
  const attributed = attributionAbove(above, first);
  const isTail = above.slice(first).every((line) => isQuoted(line) || !isWritten(line));
  if (attributed === 0 && !isTail) return [...above];
  return [...above.slice(0, first - attributed), ...above.slice(first).filter((line) => !isQuoted(line))];
}

/** Of how many lines above a quotation it is told who is quoted; blank ones between count. */
function attributionAbove(lines: readonly string[], quote: number): number {
  let last = quote - 1;
  while (last >= 0 && !isWritten(lines[last]!)) last--;
  for (let count = 1; count <= 3 && last - count >= -1; count++) {
    const said = lines
      .slice(last - count + 1, last + 1)
      .join(' ')
      .trim();
    // A name or an address and a date end in a colon in every language.
    if (ATTRIBUTION.test(said) || (said.endsWith(':') && /\d/.test(said) && /@|\d{1,2}:\d{2}/.test(said))) {
      return quote - (last - count + 1);
    }
  }
  return 0;
}

/** Whether the whole old mail follows unmarked from this line on. */
function beginsOldMail(lines: readonly string[], index: number): boolean {
  const line = lines[index]!;
  if (ORIGINAL.test(line)) return true;
  const following = lines.slice(index + 1, index + 8).filter(isWritten);
  if (/^\s*_{10,}\s*$/.test(line)) return FROM.test(following[0] ?? '');
  if (FROM.test(line)) return following.slice(0, 4).filter((one) => BESIDE.test(one)).length >= 2;
  // A quotation follows: then answers may stand in it.
  return ATTRIBUTION.test(line.trim()) && following.length > 0 && !isQuoted(following[0]!);
}

/** Longer ones are no signatures. */
const MAX_SIGNATURE_LINES = 12;
const SENT_FROM =
  /^(?:sent from my|get outlook for|von meinem .{2,40} gesendet|gesendet von|envoyé de mon|enviado desde mi|inviato da|trimis de pe|verzonden vanaf|wysłane z)\b.{0,80}$/iu;

/** https://www.rfc-editor.org/rfc/rfc3676#section-4.3 , and what phones write below. */
function withoutSignature(lines: readonly string[]): string[] {
  const written = lines.findLastIndex(isWritten) + 1;
  const mark = lines.lastIndexOf('--', written);
  const isSigned = mark > 0 && written - mark - 1 <= MAX_SIGNATURE_LINES;
  const kept = lines.slice(0, isSigned ? mark : written);
  const last = kept.findLastIndex(isWritten);
  return last > 0 && SENT_FROM.test(kept[last]!.trim()) ? kept.slice(0, last) : kept;
}
