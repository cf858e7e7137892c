// Runs before the first paint, so that a dark page never flashes white. The key is the one of src/app/theme.ts.
;(() => {
  let chosen = null
  try {
    chosen = localStorage.getItem('muster-theme')
  } catch {
    // Storage is off: the system decides.
  }
  const isDark = chosen === 'dark' || (chosen !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches)
  document.documentElement.setAttribute('data-mantine-color-scheme', isDark ? 'dark' : 'light')
})()
