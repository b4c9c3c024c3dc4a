import { describe, expect, it } from 'vitest';
import { htmlToText } from '../../src/text/html.ts';

describe('HTML as plain text', () => {
  it.each([
    ['paragraphs', '<p>One</p><p>Two<br>three</p>', 'One\n\nTwo\nthree'],
    ['breaks of the source are blanks', 'a\n b\t\tc\r\nd', 'a b c d'],
    ['lists and tables', '<ul><li>one<li>two</ul><table><tr><td>a<td>b</tr><tr><td>c</table>', 'one\ntwo\n\na b\nc'],
    [
      'entities, also half ones',
      'Caf&eacute; &amp; &#128512; &#x41; AT&T &unknown; &lt;b&gt;',
      'Café & 😀 A AT&T &unknown; <b>',
    ],
    [
      'scripts, styles and other unseen things',
      'a<script>if (a<b) "</p>"</script><style>p{}</style><svg><text>x</text></svg>b',
      'ab',
    ],
    ['comments and declarations', '<!DOCTYPE html>a<!-- <p>no</p> -->b<![CDATA[c]]>', 'ab'],
    ['a bare less-than sign', '5 < 6 and 7 <8', '5 < 6 and 7 <8'],
    ['nested hidden elements', '<span class="invisible">a<span>b</span>c</span>d', 'd'],
    ['attributes that look like tags', '<a title="<p>x</p>" href=y>z</a>', 'z'],
    ['a tag that breaks off', 'a<b class="', 'a'],
    ['an unclosed script', 'a<script>b', 'a'],
    ['nothing', '', ''],
    ['plain text', 'Hello, world', 'Hello, world'],
    ['no-break spaces', 'a&nbsp;&nbsp;b', 'a b'],
  ])('%s', (_name, html, text) => expect(htmlToText(html)).toBe(text));

  it('reads links as Mastodon shows them', () => {
    const html =
      '<p>See <a href="https://www.strings.example/a/long/way"><span class="invisible">https://www.</span><span class="ellipsis">strings.example/a/lo</span><span class="invisible">ng/way</span></a>, <a class="mention hashtag">#<span>velmora</span></a></p>';
    expect(htmlToText(html)).toBe('See strings.example/a/lo…, #velmora');
  });

  it('does not depend on depth', () => {
    expect(htmlToText(`${'<div><b>'.repeat(200_000)}deep`)).toBe('deep');
    expect(htmlToText(`${'<span class="invisible">'.repeat(200_000)}${'</span>'.repeat(200_000)}out`)).toBe('out');
  });
});
