import { lazy, Suspense, useEffect, useLayoutEffect, useRef, useState } from 'react'
import { Outlet, useLocation } from 'react-router'
import { ErrorBoundary } from './error-boundary.tsx'
import { Header } from './header.tsx'
import { NavLinks } from './nav.tsx'
import { PageLoading } from './page-loading.tsx'
import { pageAt } from './pages.ts'
import css from './shell.module.css'

const NavDrawer = lazy(() => import('./nav-drawer.tsx'))

/** Header, navigation and the page. The page scrolls, the rest stands still. */
export function Shell() {
  const main = useRef<HTMLElement>(null)
  const [menu, setMenu] = useState<'never' | 'open' | 'closed'>('never')
  const { pathname } = useLocation()
  usePageStart(pathname, main)
  return (
    <div className={css.shell}>
      <a className={css.skip} href="#main">
        Skip to the page
      </a>
      <Header onMenu={() => setMenu('open')} />
      <nav className={css.nav} aria-label="Pages">
        <NavLinks />
      </nav>
      <main id="main" ref={main} tabIndex={-1} className={css.main}>
        <ErrorBoundary key={pathname.split('/')[1]}>
          <Suspense fallback={<PageLoading />}>
            <Outlet />
          </Suspense>
        </ErrorBoundary>
      </main>
      {menu !== 'never' && (
        <Suspense fallback={null}>
          <NavDrawer opened={menu === 'open'} onClose={() => setMenu('closed')} />
        </Suspense>
      )}
    </div>
  )
}

/** Names the page in the browser's title, and moves the focus to it when the person goes from one to another. */
function usePageStart(pathname: string, main: React.RefObject<HTMLElement | null>): void {
  const before = useRef(pathname)
  // Before the page's own effects: it may know a better name.
  useLayoutEffect(() => {
    const page = pageAt(pathname)
    document.title = page ? `${page.label} · Muster` : 'Muster'
  }, [pathname])
  useEffect(() => {
    if (before.current !== pathname && before.current !== '/') main.current?.focus({ preventScroll: true })
    before.current = pathname
  }, [pathname, main])
}
