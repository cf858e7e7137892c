import './app/styles.ts'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { App } from './app/app.tsx'
import { styleNonce } from './app/theme.ts'

// The scroll lock behind dialogs makes a style element of its own and takes the nonce from here.
Object.assign(globalThis, { __webpack_nonce__: styleNonce() })

// After an update of the server the old page asks for files that are gone: one reload brings the new page.
window.addEventListener('vite:preloadError', (event) => {
  const name = 'muster-reloaded-at'
  const isFirst = Date.now() - Number(sessionStorage.getItem(name) ?? 0) > 60_000
  if (!isFirst) return
  event.preventDefault()
  sessionStorage.setItem(name, String(Date.now()))
  window.location.reload()
})

const root = document.getElementById('root')
if (!root) throw new Error('index.html has no #root')
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
)
