/**
 * Of the thousand passwords that leaks show most often those that are long enough to be chosen here, and what years have added
 * to them. Source: SecLists, `Passwords/Common-Credentials/10-million-password-list-top-1000.txt` (MIT). What only repeats,
 * counts or walks along the keyboard is found by rule.
 */
const COMMON = `
password passw0rd password1 p@ssw0rd pa55word baseball football superman trustno1 jennifer sunshine iloveyou starwars
computer michelle jessica princess corvette samantha internet whatever maverick steelers mercedes hardcore midnight
bigdaddy victoria marlboro cocacola michael1 liverpool danielle jonathan scorpion slipknot startrek redskins butthead
dolphins nicholas elephant mountain metallic metallica shithead benjamin creative rush2112 rainbow1 america1 bullshit
garfield airborne godzilla darkness platinum blink182 voyager1 snowball pakistan redwings williams nintendo guinness
december november minecraft lasvegas babygirl explorer snickers paradise michigan carolina lacrosse christin kimberly
kristina 0987654321 poohbear bollocks drowssap caroline einstein spitfire maryjane champion svetlana westside courtney
patricia anderson security stargate simpsons scarface cherokee usuckballz1 veronica semperfi scotland marshall softball
passport franklin alexande alexander infinity kawasaki wildcats vladimir freeuser budlight brittany bulldogs swordfish
spiderma spiderman valentin predator rolltide changeme loverboy chevelle cardinal american electric wolfpack warcraft
wolverin elizabeth logitech juventus 4815162342 jordan23 ncc1701d eminem123 letmein1 letmein123 welcome1 welcome123
admin123 administrator football1 baseball1 princess1 superman1 iloveyou1 iloveyou2 sunshine1 charlie1 monkey123 dragon123
master123 shadow123 hello123 hello1234 qwerty123 qwerty12 abcd1234 test1234 testtest password123 password12 passwort
passwort1 motdepasse contraseña sifre1234 secret123 lovelove whoknows zaq12wsx 1qaz2wsx 1q2w3e4r 1q2w3e4r5t q1w2e3r4
q1w2e3r4t5 qazwsxedc qwer1234 1234qwer asdf1234 12qwaszx 1qazxsw2 123qweasd qweasdzxc 789456123 147258369 147852369
741852963 123123123 12341234 11223344 12344321 87654321 987654321 0123456789 12345qwert aa123456 a1b2c3d4 abc12345
correcthorsebatterystaple`

const LISTED = new Set(COMMON.trim().split(/\s+/))

/** Along these, in both directions. */
const WALKS = [
  'abcdefghijklmnopqrstuvwxyz',
  '01234567890',
  'qwertyuiop',
  'asdfghjkl',
  'zxcvbnm',
  'qwertzuiop',
  'azertyuiop',
]
const LINES = WALKS.flatMap((walk) => [walk, [...walk].reverse().join('')])
const WALK_LEAST = 4
/** `dragon2024!` is the list's word still. */
const TAIL = /[\d!?.,*#$@_-]{1,6}$/

/** Whether a password is one of those that are tried first. */
export function isCommonPassword(password: string): boolean {
  const small = password.toLowerCase()
  if (LISTED.has(small) || repeats(small) || walks(small)) return true
  const word = small.replace(TAIL, '')
  return word.length >= 5 && (LISTED.has(word) || LISTED.has(`${word}1`) || LISTED.has(`${word}123`))
}

/** `aaaaaaaa`, `abcabcabc`: a short piece over and over. */
const repeats = (text: string): boolean => /^(.{1,4})\1+$/.test(text)

/** All of it is walks of four keys or more: `qwerty12345`. */
function walks(text: string): boolean {
  let rest = text
  while (rest !== '') {
    const step = LINES.map((line) => commonStart(line, rest)).reduce((most, length) => Math.max(most, length), 0)
    if (step < WALK_LEAST) return false
    rest = rest.slice(step)
  }
  return true
}

/** How far the text goes along a line, from wherever on it it begins. */
function commonStart(line: string, text: string): number {
  const at = line.indexOf(text[0] ?? '')
  if (at < 0) return 0
  let length = 0
  while (length < text.length && text[length] === line[at + length]) length++
  return length
}
