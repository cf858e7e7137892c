import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import react from '@vitejs/plugin-react'
import { defineConfig, type Plugin } from 'vite'

/** The console: `npx vite build server/console` writes `server/console/dist`, which the server serves as it stands. */
export default defineConfig({
  base: '/',
  plugins: [react(), apiReader()],
  // The policy allows styles and scripts from files only: nothing is inlined as data.
  build: { assetsInlineLimit: 0, modulePreload: { polyfill: false }, target: 'es2022' },
  server: { proxy: { '/v1': 'http://127.0.0.1:3000' } },
})

/** Puts the reader of the API's document (`/docs`) beside the console, so that nothing of it is fetched from elsewhere. */
function apiReader(): Plugin {
  return {
    name: 'api-reader',
    apply: 'build',
    generateBundle() {
      const main = createRequire(import.meta.url).resolve('@scalar/api-reference')
      const source = readFileSync(join(dirname(main), 'browser', 'standalone.js'))
      this.emitFile({ type: 'asset', fileName: 'docs/reader.js', source })
    },
  }
}
