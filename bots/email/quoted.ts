/** What somebody wrote anew: without what they answer and without their signature. */
export function withoutQuoted(text: string): string {
  const lines = text.replaceAll('\r\n', '\n').split('\n')
  const end = lines.findIndex((_, index) => isEnd(lines, index))
  const own = (end < 0 ? lines : lines.slice(0, end)).filter((line) => !/^\s*>/.test(line))
  return own.join('\n').trim()
}

/** Here begins the signature, or what is answered, as the common clients write it. */
function isEnd(lines: readonly string[], index: number): boolean {
  const line = lines[index] ?? ''
  if (/^-- ?$/.test(line)) return true
  if (/^-{2,}\s*(Original Message|Ursprüngliche Nachricht|Message d'origine|Forwarded message)\s*-{2,}\s*$/i.test(line))
    return true
  // Outlook: a rule of underscores, or the headers of what is answered.
  if (/^_{20,}\s*$/.test(line)) return true
  if (
    /^\*?(From|Von|De):\*? .+/.test(line) &&
    /^\*?(Sent|Date|Gesendet|Envoyé):\*? /m.test(lines.slice(index + 1, index + 4).join('\n'))
  )
    return true
  if (/^(Sent from my|Von meinem|Get Outlook for) /.test(line)) return true
  return introduces(lines, index)
}

/** `On Fri, 20 Nov 2026 at 10:02, Ann <ann@example.org> wrote:`, which clients break over several lines. */
function introduces(lines: readonly string[], index: number): boolean {
  if (!/^(On|Am|Le|El) .{6,}/.test(lines[index] ?? '')) return false
  const whole = lines.slice(index, index + 4).join(' ')
  const [intro] = /^.{6,300}?(wrote|schrieb[^:]{0,80}|a écrit\s?|escribió):/.exec(whole) ?? []
  return intro !== undefined
}

/** The lines of a mail with the marks of quoting taken off: a form that was filled in where it stood. */
export const unquoted = (text: string): string => text.replaceAll('\r\n', '\n').replaceAll(/^(?:\s*>)+ ?/gm, '')
