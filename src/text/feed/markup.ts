import type { Attributes } from './attributes.ts';

/** Mark-up that stands unescaped inside a text is part of it; of its attributes only classes say how it reads. */
export function openingTag(tag: string, attributes: Attributes): string {
  const shown = attributes['class'] === undefined ? '' : ` class="${escape(attributes['class'])}"`;
  return `<${localName(tag)}${shown}>`;
}

export const closingTag = (tag: string): string => `</${localName(tag)}>`;

const localName = (tag: string) => tag.slice(tag.indexOf(':') + 1);

export function escape(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/"/g, '&quot;');
}
