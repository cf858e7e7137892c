import { Button } from '@mantine/core'
import { useEffect } from 'react'
import { Navigate, useLocation } from 'react-router'
import { isSignedOut, sentenceOf } from '../api/client.ts'
import { useMe } from '../api/queries.ts'
import { PageLoading } from './page-loading.tsx'
import { pageAt } from './pages.ts'
import { rememberReturn } from './return-to.ts'
import { MeContext } from './session.ts'
import css from './shell.module.css'
import { Shell } from './shell.tsx'

/** The shell for whoever is signed in; everybody else goes to the sign-in page and comes back later. */
export function RequireSession() {
  const me = useMe()
  useEarlyPage()
  if (isSignedOut(me.error)) return <ToLogin />
  if (me.data) {
    return (
      <MeContext value={me.data}>
        <Shell />
      </MeContext>
    )
  }
  if (!me.isError) return <PageLoading />
  return (
    <main className={css.center} role="alert">
      <div>
        <p>{sentenceOf(me.error)}</p>
        <Button onClick={() => me.refetch()} loading={me.isFetching}>
          Try again
        </Button>
      </div>
    </main>
  )
}

/** Fetches the page's file while the server is asked who is there. */
function useEarlyPage(): void {
  const { pathname } = useLocation()
  useEffect(() => {
    pageAt(pathname)
      ?.load()
      .catch(() => {})
  }, [pathname])
}

function ToLogin() {
  const { pathname, search } = useLocation()
  useEffect(() => {
    if (pathname !== '/' && pathname !== '/chat') rememberReturn(pathname + search)
  }, [pathname, search])
  return <Navigate to="/login" replace />
}
