// One page per mode, and one bundle per page, under names that stay: tools/embed_site.py puts the
// hashes of their content into names and pages, so that what is in built/ is compared file by file.
import { defineConfig } from 'vite'

export default defineConfig(({ mode: page }) => ({
  base: `/${page}/`,
  build: {
    outDir: process.env.WEB_OUT ?? 'built',
    emptyOutDir: page === 'docs',
    assetsDir: '',
    target: 'es2022',
    cssTarget: ['chrome123', 'firefox120', 'safari17.5'],
    cssMinify: 'lightningcss',
    modulePreload: false,
    assetsInlineLimit: 0,
    rolldownOptions: {
      input: `${page}.html`,
      output: {
        entryFileNames: '[name].js',
        assetFileNames: '[name][extname]',
        codeSplitting: false,
      },
    },
  },
}))
