import { MantineProvider } from '@mantine/core'
import { QueryClientProvider } from '@tanstack/react-query'
import { lazy, Suspense } from 'react'
import { BrowserRouter, Navigate, Route, Routes } from 'react-router'
import { queryClient } from '../api/query-client.ts'
import { NotFoundPage } from '../pages/not-found.tsx'
import { ErrorBoundary } from './error-boundary.tsx'
import { PageLoading } from './page-loading.tsx'
import { PAGES } from './pages.ts'
import { RequireSession } from './require-session.tsx'
import { colorSchemeManager, cssVariables, styleNonce, theme } from './theme.ts'

const Notices = lazy(() => import('./notices.tsx'))
const ClaimPage = lazy(() => import('../pages/claim.tsx'))
const LoginPage = lazy(() => import('../pages/login.tsx'))
const JoinPage = lazy(() => import('../pages/join.tsx'))
const RegisterPage = lazy(() => import('../pages/register.tsx'))
const MailPage = lazy(() => import('../pages/mail.tsx'))
const ForgotPage = lazy(() => import('../pages/forgot.tsx'))
const SignInPage = lazy(() => import('../pages/sign-in.tsx'))
const ResetPage = lazy(() => import('../pages/reset.tsx'))
const VerifyPage = lazy(() => import('../pages/verify.tsx'))

const [START] = PAGES
const SCREENS = PAGES.map(({ path, load }) => ({ path, Page: lazy(load) }))

export function App() {
  return (
    <MantineProvider
      theme={theme}
      cssVariablesResolver={cssVariables}
      colorSchemeManager={colorSchemeManager}
      defaultColorScheme="auto"
      getStyleNonce={styleNonce}
    >
      <QueryClientProvider client={queryClient}>
        <Suspense fallback={null}>
          <Notices />
        </Suspense>
        <ErrorBoundary>
          <BrowserRouter>
            <Suspense fallback={<PageLoading />}>
              <AppRoutes />
            </Suspense>
          </BrowserRouter>
        </ErrorBoundary>
      </QueryClientProvider>
    </MantineProvider>
  )
}

function AppRoutes() {
  return (
    <Routes>
      <Route path="/claim" element={<ClaimPage />} />
      <Route path="/login" element={<LoginPage />} />
      <Route path="/join/:code" element={<JoinPage />} />
      <Route path="/register" element={<RegisterPage />} />
      <Route path="/mail" element={<MailPage />} />
      <Route path="/forgot" element={<ForgotPage />} />
      <Route path="/sign-in" element={<SignInPage />} />
      <Route path="/reset" element={<ResetPage />} />
      <Route element={<RequireSession />}>
        <Route path="/verify" element={<VerifyPage />} />
        <Route index element={<Navigate to={START.path} replace />} />
        {SCREENS.map(({ path, Page }) => (
          <Route key={path} path={`${path}/*`} element={<Page />} />
        ))}
        <Route path="*" element={<NotFoundPage />} />
      </Route>
    </Routes>
  )
}
