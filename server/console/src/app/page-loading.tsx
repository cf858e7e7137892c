import { Loader } from '@mantine/core'
import css from './shell.module.css'

/** Shown while a page's file is loading. */
export function PageLoading() {
  return (
    <div className={css.center} role="status" aria-label="Loading">
      <Loader size="sm" type="dots" />
    </div>
  )
}
