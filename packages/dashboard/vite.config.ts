/** Builds the page to files with names of their content, which the admin listener serves under a strict policy of content. */
import { defineConfig } from 'vite'

export default defineConfig({
  // Wherever it is mounted, it asks beside itself.
  base: './',
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    target: 'es2022',
    // Nothing is inlined: the policy takes no script, style or font that is not a file.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
})
