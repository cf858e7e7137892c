import { formatDayTime, formatFull } from '../format.ts'

/** A point in time, in the reader's own zone; the whole of it on hover. */
export const Moment = ({ at }: { at: string }) => (
  <time dateTime={at} title={formatFull(at)}>
    {formatDayTime(at, Date.now())}
  </time>
)
