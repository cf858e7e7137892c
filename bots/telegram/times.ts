import { timesIn } from '#core/chat/times.ts'
import { clean, concat, type Rich } from './rich.ts'

/** A long day and a short time, in the reader's zone and language. */
const FORMAT = 'Dt'

/** Words with the moments in them, which Telegram shows in its reader's zone. Moments take no other format with them. */
export function withTimes(text: string, styled: (words: string) => Rich): Rich {
  const words = clean(text)
  const pieces: Rich[] = []
  let from = 0
  for (const { start, end, atMs } of timesIn(words)) {
    pieces.push(styled(words.slice(from, start)), moment(words.slice(start, end), atMs))
    from = end
  }
  return concat(...pieces, styled(words.slice(from)))
}

const moment = (text: string, atMs: number): Rich => ({
  text,
  entities: [
    { type: 'date_time', offset: 0, length: text.length, unix_time: Math.floor(atMs / 1000), date_time_format: FORMAT },
  ],
})
