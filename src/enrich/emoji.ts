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
/** An emoticon of letters or signs must not stand inside a word or an address. */
const KNOWN = new RegExp(
  `(?<![\\p{L}\\p{N}/])(?:${escaped.join('|')})(?![\\p{L}\\p{N}/])|\\p{Extended_Pictographic}`,
  'gu',
);

export interface EmojiMatch {
  weight: number;
  start: number;
  evidence: string;
}

/** The emoji of a text that carry a feeling; a row of the same one counts once. */
export function findEmoji(text: string): EmojiMatch[] {
  const found: EmojiMatch[] = [];
  const seen = new Set<string>();
  for (const { 0: evidence, index } of text.matchAll(KNOWN)) {
    const weight = TABLE.get(evidence);
    if (weight === undefined || seen.has(evidence)) continue;
    seen.add(evidence);
    found.push({ weight, start: index, evidence });
  }
  return found;
}
