import { Button, Loader } from '@mantine/core'
import { type RefObject, useEffect, useRef } from 'react'
import css from './message-list.module.css'

interface Props {
  older: { load: () => Promise<void>; isLoading: boolean; problem: string | undefined; hasMore: boolean }
  box: RefObject<HTMLElement | null>
}

/** How far above the screen loading begins. */
const AHEAD_PX = 600

/** At the top of the list: loads what came before when the reader comes near, or by button. */
export function OlderMessages({ older, box }: Props) {
  const mark = useRef<HTMLDivElement>(null)
  const { load, hasMore, problem } = older
  useEffect(() => {
    // After a failure only the button tries again.
    if (!mark.current || !hasMore || problem) return
    const options = { root: box.current, rootMargin: `${AHEAD_PX}px 0px 0px` }
    const observer = new IntersectionObserver(([entry]) => entry?.isIntersecting && void load(), options)
    observer.observe(mark.current)
    return () => observer.disconnect()
  }, [load, hasMore, problem, box])
  if (!hasMore) return <p className={css.beginning}>This is where the conversation began.</p>
  return (
    <div className={css.older} ref={mark}>
      {problem && <span role="alert">{problem}</span>}
      {older.isLoading ? (
        <Loader size="xs" type="dots" aria-label="Loading earlier messages" />
      ) : (
        <Button size="compact-sm" variant="subtle" onClick={() => load()} data-testid="older">
          {problem ? 'Try again' : 'Earlier messages'}
        </Button>
      )}
    </div>
  )
}
