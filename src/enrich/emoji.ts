/** Emoji and emoticons that carry a feeling, by strength. Laughing and crying ones are used for both and left out. */
const STRENGTHS: [number, string][] = [
  [2, '😍 🥰 ❤️ ❤ 💖 💕 💗 💓 💙 💚 💛 💜 🧡 🤩 😻 💘 🥳 <3'],
  [
    1,
    '😊 😀 😃 😄 😁 😆 😇 😋 😎 🤗 👍 👏 🙌 👌 💪 🎉 🎊 ✨ 🌟 ⭐ 🏆 💯 😘 😌 🔥 ✅ ☺ 🤝 🙏 🌹 🌸 💐 :) :-) =) :D :-D ;) ;-) :p ^_^ (: xD',
  ],
  // Said with a shrug or out of politeness, also in complaints.
  [0.05, '🙂'],
  [-0.05, '🤷'],
  [-1, "😞 😔 😟 🙁 ☹ 😕 😣 😖 😫 😩 😢 😒 😓 😥 😰 👎 💔 🙄 😑 😤 🤦 😬 🚫 ❌ :( :-( =( :/ :-/ :'( :| ):"],
  [-2, '😡 😠 🤬 🤮 🤢 💩 🖕 👿 😾 🗑'],
];
const TABLE = new Map(STRENGTHS.flatMap(([weight, list]) => list.split(' ').map((emoji) => [emoji, weight] as const)));
const escaped = [...TABLE.keys()]
  .toSorted((a, b) => b.length - a.length)
  .map((emoji) => emoji.replaceAll(/[\\^$.*+?()[\]{}|]/gu, String.raw`\$&`));
const KNOWN = new RegExp(`(?:${escaped.join('|')})(?![\\p{L}\\p{N}/])|\\p{Extended_Pictographic}`, 'gu');
/** An emoticon of letters or signs must not stand inside a word or an address; looked at last, because it takes long. */
const INSIDE = /[\p{L}\p{N}/]$/u;
const PICTURE = /^\p{Extended_Pictographic}/u;

export interface EmojiMatch {
  weight: number;
  start: number;
  evidence: string;
}

/** Signs that every emoji and emoticon has one of: most texts have none, and looking for all takes long. */
const MAYBE = /[:;=<^(\u00a9-\u00ae\u203c-\u3299\ud83c-\ud83e]|xD/;

/** The emoji of a text that carry a feeling; a row of the same one counts once. */
export function findEmoji(text: string): EmojiMatch[] {
  if (!MAYBE.test(text)) return [];
  const found: EmojiMatch[] = [];
  const seen = new Set<string>();
  for (const { 0: evidence, index } of text.matchAll(KNOWN)) {
    const weight = TABLE.get(evidence);
    if (weight === undefined || seen.has(evidence)) continue;
    if (!PICTURE.test(evidence) && INSIDE.test(text.slice(Math.max(0, index - 2), index))) continue;
    seen.add(evidence);
    found.push({ weight, start: index, evidence });
  }
  return found;
}
