import { withoutTag } from './loops.ts'

/** Of a mail that answers or forwards, as the programs of many languages write it. */
const ANSWERING = /^(\s*(re|aw|sv|vs|fwd?|wg|tr|rv|res|enc|antw|doorst|odp|pd|rif)\s*(\[\d+\])?\s*:)+/i

export const answersBySubject = (subject: string): boolean => ANSWERING.test(subject)

/** What a thread is about, however often it was answered. */
export const bareSubject = (subject: string): string => subject.replace(ANSWERING, '').trim()

/** A mail that answers nothing quotes nothing: all of it is said, but for the signature. */
export function withoutSignature(text: string): string {
  const lines = text.replaceAll('\r\n', '\n').split('\n')
  const end = lines.findIndex(isSignature)
  return (end < 0 ? lines : lines.slice(0, end)).join('\n').trim()
}

/** What somebody wrote anew: without what they answer and without their signature. `own` is the address of this channel. */
export function withoutQuoted(text: string, own?: string): string {
  const lines = text.replaceAll('\r\n', '\n').split('\n')
  const kept: string[] = []
  for (let at = 0; at < lines.length; at++) {
    const intro = introductionAt(lines, at)
    // Below a quote that is not marked nobody can tell whose words come next.
    if (intro && !intro.isMarked) break
    // Many answer below what they answer.
    if (intro) at += intro.lines - 1
    else if (isMarked(lines[at]) || isTornOff(lines, at)) continue
    else if (isSignature(lines[at] ?? '') || beginsQuote(lines, at, own)) break
    else kept.push(lines[at] ?? '')
  }
  return kept.join('\n').trim()
}

const isMarked = (line: string | undefined): boolean => /^\s*>/.test(line ?? '')

/** Programs that break long lines leave the rest of a quoted one without its mark. */
function isTornOff(lines: readonly string[], at: number): boolean {
  const [before = '', line = '', after] = lines.slice(Math.max(0, at - 1), at + 2)
  return at > 0 && line.trim() !== '' && isMarked(before) && before.length >= 60 && isMarked(after)
}

/** As mail programs write it, for themselves too. */
const isSignature = (line: string): boolean => /^-- ?$/.test(line) || BY_PROGRAM.test(line)

const BY_PROGRAM =
  /^(Sent from (my|Outlook for|Mail for|Yahoo Mail) |Get Outlook for |Von meinem .{1,40} gesendet|Gesendet (von|mit) (meinem|Outlook|Mail) |Envoyé (de|depuis|à partir de) (mon|Outlook) |Enviado (desde|do) (mi|meu|Outlook) |Inviato (da|dal mio) (iPhone|iPad|Outlook|Android)|Verstuurd vanaf |Verzonden vanaf |Wysłan[eo] z |Skickat från (min|Outlook) )/

const FORWARDED =
  /^-{2,}\s*(Original Message|Ursprüngliche Nachricht|Message d['’]origine|Mensaje original|Messaggio originale|Oorspronkelijk bericht|Mensagem original|Oryginalna wiadomość|Wiadomość oryginalna|Ursprungligt meddelande|Forwarded message)\s*-{2,}\s*$/i
const FROM = /^\*{0,2}(From|Von|De|Da|Van|Od|Från|Fra)\s?:\*{0,2}\s*\S/
const SENT =
  /^\*{0,2}(Sent|Date|Gesendet|Datum|Envoyé|Enviad[oa]( el| em)?|Fecha|Inviato|Data|Verzonden|Wysłano|Skickat|Sendt)\s?:\*{0,2}\s/m

/** Here begins what is answered, as the programs write it that put no marks before its lines. */
function beginsQuote(lines: readonly string[], at: number, own: string | undefined): boolean {
  const line = lines[at] ?? ''
  // Outlook: a rule of underscores, or the headers of what is answered, below one of dashes where there is only HTML.
  if (FORWARDED.test(line) || /^_{20,}\s*$/.test(line) || areHeaders(lines, at)) return true
  const next = lines[at + 1] ?? ''
  if (/^-{20,}\s*$/.test(line)) return areHeaders(lines, next.trim() === '' ? at + 2 : at + 1)
  // Of any language: nobody writes our reply address but a program. It may stand below a name.
  return own !== undefined && (hasReplyAddress(line, own) || (/<\s*$/.test(line) && hasReplyAddress(next, own)))
}

const areHeaders = (lines: readonly string[], at: number): boolean =>
  FROM.test(lines[at] ?? '') && SENT.test(lines.slice(at + 1, at + 4).join('\n'))

const hasReplyAddress = (line: string, own: string): boolean =>
  line.includes('+r-') &&
  (line.toLowerCase().match(/[^\s<>()[\]"',;:@]{1,100}@[\w.-]{0,250}\w/g) ?? []).some(
    (address) => address.includes('+r-') && withoutTag(address) === own,
  )

const INTRODUCTION =
  /^(On|Am|Le|El|Il|Op|Em|W dniu|Dnia|Den) .{4,300}(wrote|schrieb[^:]{0,80}|a écrit|escribió|ha scritto|schreef[^:]{0,80}|geschreven|escreveu|napisał[^:]{0,80}|skrev[^:]{0,80})\s?:$/
const TIME = /\d[:.h]\d\d/
const DATE = /@|\d[:.h]\d\d|\b(19|20)\d\d\b/
const LINES_MAX = 4

/**
 * `On Fri, 20 Nov 2026 at 10:02, Ann <ann@example.org> wrote:`, which clients break over several lines. Above marked lines it may
 * be of any language.
 */
function introductionAt(lines: readonly string[], at: number): { lines: number; isMarked: boolean } | undefined {
  for (let count = 1; count <= LINES_MAX && lines[at + count - 1]?.trim(); count++) {
    const own = lines.slice(at, at + count)
    const whole = own.join(' ').trim()
    if (whole.length > 400) return undefined
    if (!whole.endsWith(':')) continue
    const blank = lines.slice(at + count, at + count + 3).findIndex((line) => line.trim() !== '')
    const isAboveMarks = blank >= 0 && isMarked(lines[at + count + blank])
    // What stands above an introduction is no part of it.
    const isLater = own.some((_, from) => from > 0 && INTRODUCTION.test(own.slice(from).join(' ').trim()))
    if (INTRODUCTION.test(whole) && !isLater && (isAboveMarks || DATE.test(whole)))
      return { lines: count, isMarked: isAboveMarks }
    if (isAboveMarks && !isLater && isOfAnyLanguage(own, { isNext: blank === 0, isFirst: !lines[at - 1]?.trim() }))
      return { lines: count, isMarked: true }
  }
  return undefined
}

/** Who wrote, or when: a name alone may be the words of whoever answers. */
function isOfAnyLanguage(own: readonly string[], { isNext, isFirst }: { isNext: boolean; isFirst: boolean }): boolean {
  const [first = '', ...rest] = own
  if (isMarked(first)) return false
  if (rest.length === 0) return isNext ? /[@\d]/.test(first) : /@/.test(first) || TIME.test(first)
  // An address may be broken before its last bracket, which looks like a mark then.
  if (DATE.test(first) && /<\S*$/.test(first)) return true
  return isFirst && TIME.test(first) && !rest.some(isMarked)
}

/** The lines of a mail with the marks of quoting taken off: a form that was filled in where it stood. */
export const unquoted = (text: string): string => text.replaceAll('\r\n', '\n').replaceAll(/^(?:\s*>)+ ?/gm, '')
