/** What would call people, pass for something else, or break a message, if it were ever taken for more than text. */
export const HOSTILE = [
  '<!channel> <!here> <!everyone> <@U0BEN> <@U123> <#C0TEAM> <!subteam^S123>',
  '@here @everyone @channel @all @ada_muster',
  '<b>bold</b> <script>alert(1)</script> <a href="https://evil.example">x</a> &lt;i&gt; &amp;',
  '*a* _b_ ~c~ `d` **e** __f__ ||g|| [h](https://evil.example) ![i](https://evil.example/i.png) # + - > \\',
  '<https://evil.example|https://bank.example> tg://user?id=1 javascript:alert(1)',
  'https://evil.example evil.example a@evil.example /start #tag $USD +15551234567',
  'שלום \u202eevil\u202c \u2067rtl\u2069 مرحبا',
  'ze\u200bro wi\u200ddth ma\ufeffrk jo\u2060in',
  `long ${'x'.repeat(3_000)}`,
  `${'😀'.repeat(2_048)} at the edge`,
  'nul\u0000 bell\u0007 escape\u001b[31m end',
  'lone \ud83d and \udc00 end',
  '{{ 7 | times: 7 }} {% raw %} %s %n $(id) `id` ; rm',
]

/** The same as names, of at most eighty characters. */
export const HOSTILE_NAMES = [
  '<!channel> <!here> <@U0BEN> @everyone',
  '<b>x</b> <a href="https://evil.example">y</a> &lt;',
  '*a* _b_ `c` [h](https://evil.example) ||d||',
  '\u202eevil\u202c ze\u200bro \u2067x\u2069 שלום',
  'nul\u0000 bell\u0007 lone \ud83d end',
  '😀'.repeat(80),
  'W'.repeat(80),
]

/** As a reader sees it: without what shows nothing, blanks as one. */
export const visible = (text: string): string =>
  text
    .toWellFormed()
    .replaceAll(/[\p{Cc}\p{Cf}\ufffd]/gu, (character) => (/\s/.test(character) ? ' ' : ''))
    .replaceAll(/\s+/g, ' ')
    .trim()
