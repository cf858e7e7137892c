import { timesIn } from '#core/chat/times.ts'

/** Words with their moments as a clock in this zone has them, and which zone that is: a terminal has nothing to hover over. */
export function momentsIn(timeZone?: string): (text: string) => string {
  const format = new Intl.DateTimeFormat('en-GB', {
    ...{ year: 'numeric', month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit', timeZoneName: 'short' },
    ...(timeZone === undefined ? {} : { timeZone }),
  })
  return (text) =>
    timesIn(text).reduceRight(
      (words, { start, end, atMs }) => words.slice(0, start) + format.format(atMs) + words.slice(end),
      text,
    )
}
