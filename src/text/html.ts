import { Tokenizer } from 'htmlparser2';

/** Elements that stand on lines of their own; each begins a new line. */
const LINES = new Set(
  'address article aside blockquote dd div dl dt fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 header hr li main nav ol p pre section table tr ul'.split(
    ' ',
  ),
);
/** Elements that are parted from what is around them by an empty line. */
const PARAGRAPHS = new Set('blockquote h1 h2 h3 h4 h5 h6 ol p pre table ul'.split(' '));
const CELLS = new Set(['td', 'th']);
const UNSEEN = new Set(['script', 'style', 'template', 'noscript', 'iframe', 'svg', 'head', 'title']);

/**
 * The words of an HTML fragment as plain text: paragraphs parted by an empty line, scripts and styles dropped,
 * entities decoded. Reads tokens without building a tree, so depth costs nothing and time is linear.
 *
 * Mastodon hides parts of long links (`invisible`) and marks shortened ones (`ellipsis`); they read as on its pages:
 * https://docs.joinmastodon.org/spec/activitypub/#sanitization
 */
export function htmlToText(html: string): string {
  // A browser shows the line breaks of the source as blanks; done once, because per token it would be slow.
  const source = html.replace(/[\n\r\t\f]+/g, ' ');
  const reader = new Reader(source);
  const tokenizer = new Tokenizer({ xmlMode: false, decodeEntities: true }, reader);
  tokenizer.write(source);
  tokenizer.end();
  return tidy(reader.parts.join(''));
}

/** Collapses blanks as a browser does, and keeps at most one empty line. */
export function tidy(text: string): string {
  return text
    .split('\n')
    .map((line) => line.replace(/[^\S\n]+/g, ' ').trim())
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim();
}

/** The tokenizer wants an object with these names; everything that is not text or a tag is passed over. */
class Reader {
  readonly parts: string[] = [];
  private readonly html: string;
  private tag = '';
  private attribute = '';
  private classes = '';
  /** Name and depth of the element whose content is not shown. */
  private hidden = '';
  private depth = 0;
  private breaks = 0;
  /** Inside a link that Mastodon shortened. */
  private ellipsis = false;

  constructor(html: string) {
    this.html = html;
  }

  ontext(start: number, end: number): void {
    if (this.hidden === '') this.say(this.html.slice(start, end));
  }

  ontextentity(codePoint: number): void {
    if (this.hidden === '') this.say(String.fromCodePoint(codePoint));
  }

  onopentagname(start: number, end: number): void {
    this.tag = this.html.slice(start, end).toLowerCase();
    this.classes = '';
  }

  onattribname(start: number, end: number): void {
    this.attribute = this.html.slice(start, end).toLowerCase();
  }

  onattribdata(start: number, end: number): void {
    if (this.attribute === 'class' && this.tag === 'span') this.classes += this.html.slice(start, end);
  }

  onopentagend(): void {
    if (this.hidden !== '') {
      if (this.tag === this.hidden) this.depth++;
    } else if (UNSEEN.has(this.tag) || /\binvisible\b/.test(this.classes)) {
      this.hidden = this.tag;
      this.depth = 1;
    } else {
      this.ellipsis ||= /\bellipsis\b/.test(this.classes);
      this.breakFor(this.tag);
    }
  }

  onselfclosingtag(): void {
    if (this.hidden === '') this.breakFor(this.tag);
  }

  onclosetag(start: number, end: number): void {
    const name = this.html.slice(start, end).toLowerCase();
    if (this.hidden !== '') {
      if (name === this.hidden && --this.depth === 0) this.hidden = '';
      return;
    }
    if (name === 'span' && this.ellipsis) {
      this.say('…');
      this.ellipsis = false;
    }
    if (name !== 'br') this.breakFor(name);
  }

  private breakFor(tag: string): void {
    if (tag === 'br') this.breaks = Math.min(this.breaks + 1, 2);
    else if (PARAGRAPHS.has(tag)) this.breaks = 2;
    else if (LINES.has(tag)) this.breaks = Math.max(this.breaks, 1);
    else if (CELLS.has(tag)) this.say(' ');
  }

  /** Line breaks wait for the next words, so that neighbouring elements do not add theirs up. */
  private say(text: string): void {
    if (this.breaks > 0 && text.trim() === '') return;
    if (this.breaks > 0) this.parts.push('\n'.repeat(this.breaks));
    this.breaks = 0;
    this.parts.push(text);
  }

  onattribentity(): void {}
  onattribend(): void {}
  oncdata(): void {}
  oncomment(): void {}
  ondeclaration(): void {}
  onprocessinginstruction(): void {}
  onend(): void {}
}
