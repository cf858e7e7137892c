import { useDocumentTitle } from '@mantine/hooks'
import type { ReactNode } from 'react'
import { AlertIcon } from '../app/icons.tsx'
import { Mark } from '../app/logo.tsx'
import css from './card.module.css'

interface Props {
  title: string
  children: ReactNode
  testId: string
}

/** The frame of the pages outside the shell: one card in the middle. */
export function CardPage({ title, children, testId }: Props) {
  useDocumentTitle(`${title} · Muster`)
  return (
    <main className={css.page} data-testid={testId}>
      <div className={css.card}>
        <div className={css.brand}>
          <Mark size={30} />
          Muster
        </div>
        <h1 className={css.title}>{title}</h1>
        {children}
      </div>
    </main>
  )
}

/** What went wrong, said at once to screen readers too. */
export function ProblemNote({ children }: { children: ReactNode }) {
  return (
    <div className={css.problem} role="alert" data-testid="problem">
      <AlertIcon />
      <div>{children}</div>
    </div>
  )
}
