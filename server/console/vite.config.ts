import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

/** The console: `npx vite build server/console` writes `server/console/dist`, which the server serves as it stands. */
export default defineConfig({
  base: '/',
  plugins: [react()],
  // The policy allows styles and scripts from files only: nothing is inlined as data.
  build: { assetsInlineLimit: 0, modulePreload: { polyfill: false }, target: 'es2022' },
  server: { proxy: { '/v1': 'http://127.0.0.1:3000' } },
})
