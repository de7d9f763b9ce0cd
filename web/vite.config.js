// One bundle per page, under names that stay: tools/embed_site.py puts the hashes of their content
// into names and pages, so that what is in built/ is compared file by file. The mode is the page.
import { defineConfig } from 'vite'

/** What a server does for addresses below /console/: each of them is the page. */
const everyAddress = {
  name: 'every-address',
  configureServer({ middlewares }) {
    middlewares.use((request, _, next) => {
      if (/^\/console\/(?!@|src\/|node_modules\/)[^.]*$/.test(request.url.split('?')[0])) request.url = '/console/console.html'
      next()
    })
  },
}

export default defineConfig(({ mode }) => ({
  base: `/${mode}/`,
  plugins: [everyAddress],
  server: { proxy: { '/api/': { target: process.env.ROLLCALL ?? 'http://localhost:8000' } } },
  test: { css: true },
  build: {
    outDir: 'built',
    emptyOutDir: false,
    assetsDir: '',
    target: 'es2022',
    cssTarget: ['chrome123', 'firefox120', 'safari17.5'],
    cssMinify: 'lightningcss',
    modulePreload: false,
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1000,
    rolldownOptions: {
      input: `${mode}.html`,
      output: {
        entryFileNames: '[name].js',
        assetFileNames: '[name][extname]',
        codeSplitting: false,
      },
    },
  },
}))
