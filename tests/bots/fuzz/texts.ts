import type { Random } from '#tests/crash/random.ts'

/** How many texts a channel gets; `FUZZ_TEXTS` makes it more or fewer. */
export const TEXTS = Number(process.env.FUZZ_TEXTS ?? 10_000)

/** What breaks messages, calls people or passes for something else, when it is taken for more than text. */
const PIECES = [
  ...[
    '<!channel>',
    '<!here>',
    '<@U0BEN>',
    '<#C0TEAM>',
    '<!subteam^S1|@devs>',
    '<!date^0^{date}|x>',
    '&lt;!here&gt;',
    '&amp;',
  ],
  ...[
    '@here',
    '@everyone',
    '@channel',
    '@ann_muster',
    '@',
    '@@ann',
    'ann@example.org',
    '@\u2060ann',
    '@1',
    '#tag',
    '$USD',
  ],
  ...['<b>bold</b>', '<script>alert(1)</script>', '<a href="https://evil.example">x</a>', '<pre>', '</', '&', '<', '>'],
  ...['*a*', '_b_', '~c~', '`d`', '**e**', '__f__', '||g||', '*', '_', '~~', '`', '\\', '\\*', '***', '``'],
  ...[
    '[h](https://evil.example)',
    '![i](https://evil.example/i.png)',
    '[bank.com](https://evil.example/x)',
    '[',
    '](',
    ')',
  ],
  ...[
    '<https://evil.example|https://bank.example>',
    'https://a.example/b_c?d=*e*',
    'tg://user?id=1',
    'javascript:alert(1)',
  ],
  ...[
    '/start',
    '/run x',
    '/cancel@muster_bot',
    '---',
    '# h',
    '> q',
    '- i',
    '1. n',
    '| a | b |',
    '|---|---|',
    '```',
    '~~~',
  ],
  ...['שלום', 'مرحبا', '\u202eevil\u202c', '\u2067rtl\u2069', '\u200f', '\u200e', '\u061c'],
  ...['e\u0301', 'z\u0336\u0327a\u0331', 'ก็็็', '\u0301', '한\u1100\u1161', 'ﷺ', 'İ', 'ß'],
  ...['😀', '👩‍👩‍👧‍👦', '🏳️‍🌈', '👍🏽', '🇩🇪', '𝒳', '𠮷', '\u{e0041}', '\u{10ffff}'],
  ...['\u200b', 'wi\u200bdth', 'jo\u2060in', 'ma\ufeffrk', '\u00ad', '\u2800', '\u3164', '\u00a0', '\u3000'],
  ...[
    '\u0000',
    '\u0007',
    '\u001b[31m',
    '\u007f',
    '\u0085',
    '\u2028',
    '\u2029',
    '\ufffd',
    '\ud83d',
    '\udc00',
    '\ud83d\ud83d',
  ],
  ...[
    '{{ 7 | times: 7 }}',
    '%s',
    '$(id)',
    "'; DROP TABLE outbox; --",
    '\\u0000',
    '\\n',
    '"',
    "'",
    'null',
    '-0',
    '1e999',
  ],
] as const

const GAPS = [' ', ' ', ' ', '', '', '\n', '\n\n', '\t', '\r\n', '   ', '\r'] as const
const WORDS = [
  'run',
  'notes',
  'Übersicht',
  'données',
  'релиз',
  '変更',
  'v1.2.3',
  '42',
  'fix(core):',
  'a-b',
  'x',
] as const

/** One text as people, tools or models write it, the worse ones above all. */
export function hostileText(random: Random): string {
  const kind = random.next()
  if (kind < 0.003) return longLine(random)
  if (kind < 0.006) return manyLines(random)
  if (kind < 0.05) return random.pick(PIECES)
  if (kind < 0.15) return anything(random)
  return mixed(random, random.whole(1, 12))
}

function mixed(random: Random, pieces: number): string {
  let text = ''
  for (let at = 0; at < pieces; at++) text += random.pick(random.next() < 0.6 ? PIECES : WORDS) + random.pick(GAPS)
  return text
}

/** Any units at all, halves of characters too. */
const anything = (random: Random): string =>
  String.fromCharCode(...Array.from({ length: random.whole(1, 40) }, () => unit(random)))

const unit = (random: Random): number =>
  random.next() < 0.5 ? random.whole(0, 0x80) : random.whole(0, random.next() < 0.8 ? 0x30_00 : 0x1_00_00)

function longLine(random: Random): string {
  const wanted = random.whole(4_000, 14_000)
  const gap = random.pick([' ', ''] as const)
  let text = ''
  while (text.length < wanted) text += random.pick(random.next() < 0.3 ? PIECES : WORDS) + gap
  return text
}

const manyLines = (random: Random): string =>
  Array.from({ length: random.whole(200, 600) }, () => mixed(random, random.whole(0, 4))).join('\n')
