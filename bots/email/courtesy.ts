const GREETING =
  /^(hi|hello|dear|hey|good (morning|afternoon|evening|day)|hallo|liebe[rs]?|guten (tag|morgen|abend)|sehr geehrte[rs]?|moin|bonjour|salut|hola|buenos d[ií]as|buenas tardes)(?=[\s,!]|$)/i
const CLOSING =
  /^(best|best (regards|wishes)|(kind|warm) regards|regards|thanks|thanks a lot|thank you|many thanks|cheers|greetings|(viele|liebe|beste) gr(ü|ue)(ß|ss)e|mit freundlichen gr(ü|ue)(ß|ss)en|gru(ß|ss)|danke|vielen dank|cordialement|merci|saludos|gracias)\s*[,.!]?$/i
const LABEL = /^[A-Za-z][\w-]*[ \t]*:/

const GREETING_WORDS = 5
/** A name, what somebody is, where, and a number. */
const LINES_BELOW = 4
const LINE_MAX = 80

/** `Hi Muster,` alone on its line. */
export function isGreeting(line: string): boolean {
  const words = line.normalize('NFC').trim()
  return GREETING.test(words) && /[\p{L}\p{N}][,!]?$/u.test(words) && words.split(/\s+/).length <= GREETING_WORDS
}

/**
 * Where the closing begins: a line like `Best regards,` with at most four short ones below it, at the end. What goes on with
 * `name: value` is none. Undefined when there is none.
 */
export function closingOf(lines: readonly string[]): number | undefined {
  let found: number | undefined
  let below = ''
  for (let at = lines.length - 1, count = 0; at >= 0 && count <= LINES_BELOW; at--) {
    const line = (lines[at] ?? '').normalize('NFC').trim()
    if (line === '') continue
    if (CLOSING.test(line) && !LABEL.test(below)) found = at
    if (line.length > LINE_MAX) break
    below = line
    count += 1
  }
  return found
}
