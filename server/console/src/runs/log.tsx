import { Button, Skeleton } from '@mantine/core'
import { useState } from 'react'
import { sentenceOf } from '../api/client.ts'
import type { RunEvent, RunStep } from '../api/types.ts'
import { CodePart } from '../chat/parts/code.tsx'
import { formatDay, formatFull, formatSecond } from '../format.ts'
import { Fold } from './fold.tsx'
import { eventWords } from './log-words.ts'
import { useRunLog } from './queries.ts'
import css from './runs.module.css'

/** So many stand there at once; a run of many copies has thousands. */
const SHOWN = 100

/** Everything that happened to a run, as one reads it. */
export function Log({ runId, steps }: { runId: string; steps: RunStep[] }) {
  const log = useRunLog(runId)
  const [isWhole, setWhole] = useState(false)
  const names = new Map(steps.map(({ stepId, displayName }) => [stepId, displayName]))
  const items = log.data?.items ?? []
  const shown = isWhole ? items : items.slice(0, SHOWN)
  return (
    <section className={css.section} aria-labelledby="run-log">
      <h2 id="run-log">Log</h2>
      {log.isPending && <Skeleton height={120} radius={12} />}
      {log.isError && (
        <div role="alert" className={css.again}>
          <p>{sentenceOf(log.error)}</p>
          <Button size="compact-md" variant="default" onClick={() => log.refetch()} loading={log.isFetching}>
            Try again
          </Button>
        </div>
      )}
      {shown.length > 0 && (
        <ol className={css.log} data-testid="run-log">
          {shown.map((event, index) => (
            <Entry
              key={event.seq}
              event={event}
              before={shown[index - 1]}
              words={eventWords(event, (stepId) => names.get(stepId) ?? stepId)}
            />
          ))}
        </ol>
      )}
      {shown.length < items.length && (
        <Button size="compact-md" variant="default" onClick={() => setWhole(true)}>
          {`Show all ${items.length}`}
        </Button>
      )}
      {isWhole && log.data?.hasMore && (
        <Button size="compact-md" variant="default" onClick={() => log.refetch()} loading={log.isFetching}>
          Show what came later
        </Button>
      )}
    </section>
  )
}

interface EntryProps {
  event: RunEvent
  before: RunEvent | undefined
  words: string
}

function Entry({ event: { at, handle, details }, before, words }: EntryProps) {
  const day = formatDay(at, Date.now())
  const isNewDay = before !== undefined && formatDay(before.at, Date.now()) !== day
  const said = (
    <>
      {words}
      {handle && <span className={css.quiet}> · @{handle}</span>}
    </>
  )
  return (
    <li className={css.entry}>
      <time dateTime={at} title={formatFull(at)} className={css.entryTime}>
        {isNewDay && <span>{day} </span>}
        {formatSecond(at)}
      </time>
      <div className={css.entryWords}>
        {Object.keys(details).length > 0 ? (
          <Fold summary={said}>
            <CodePart text={JSON.stringify(details, null, 2)} language="json" />
          </Fold>
        ) : (
          said
        )}
      </div>
    </li>
  )
}
