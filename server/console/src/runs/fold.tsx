import { type ReactNode, useState } from 'react'
import css from './runs.module.css'

interface Props {
  summary: ReactNode
  children: ReactNode
  isOpen?: boolean
  testId?: string
}

/** Something to be unfolded. What is in it is made when it is first opened: outputs may be large, and many. */
export function Fold({ summary, children, isOpen = false, testId }: Props) {
  const [wasOpened, setOpened] = useState(isOpen)
  return (
    <details
      className={css.fold}
      open={isOpen}
      onToggle={(event) => event.currentTarget.open && setOpened(true)}
      data-testid={testId}
    >
      <summary>{summary}</summary>
      {wasOpened && children}
    </details>
  )
}
