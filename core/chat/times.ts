/** A moment in a text, as cards write it: for everybody the same. */
export interface TimeInText {
  start: number
  end: number
  atMs: number
}

/** `2026-11-20 10:02 UTC` and `20 Nov 2026, 10:02 UTC`. */
const MOMENT =
  /\b(?:(\d{4})-(\d\d)-(\d\d) (\d\d):(\d\d)|(\d{1,2}) (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sept?|Oct|Nov|Dec) (\d{4}), (\d\d):(\d\d)) UTC\b/g
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/**
 * The moments in a text, in order: channels show each in its reader's own zone. They need no mark of their own: whoever
 * writes a moment in UTC means that moment.
 */
export function timesIn(text: string): TimeInText[] {
  return [...text.matchAll(MOMENT)].flatMap((match) => {
    const atMs = msOf(match)
    return Number.isNaN(atMs) ? [] : [{ start: match.index, end: match.index + match[0].length, atMs }]
  })
}

function msOf([
  ,
  year,
  month,
  day,
  hour,
  minute,
  shortDay,
  name = '',
  shortYear,
  shortHour,
  shortMinute,
]: RegExpMatchArray) {
  if (year !== undefined) return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:00Z`)
  const index = String(MONTHS.indexOf(name.slice(0, 3)) + 1).padStart(2, '0')
  return Date.parse(`${shortYear}-${index}-${(shortDay ?? '').padStart(2, '0')}T${shortHour}:${shortMinute}:00Z`)
}
