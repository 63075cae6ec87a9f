/** How the page is built: one bundle of our own files, nothing from another origin. `budget.mjs` weighs it. */
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

export default defineConfig(({ mode }) => ({
  plugins: [react()],
  build: {
    // light-dark() and nesting are written as they are; browsers from mid-2024 on know both.
    target: ['chrome123', 'firefox121', 'safari17.5'],
    manifest: true,
    // The policy of the API forbids data: fonts, so nothing is inlined.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 700,
    // The demo has a page of its own: nothing of it can get into what is shipped.
    ...(mode === 'demo' ? { outDir: '.demo', rolldownOptions: { input: ['demo.html'] } } : {}),
  },
  server: { proxy: { '/api': 'http://127.0.0.1:8000', '/rtc': { target: 'ws://127.0.0.1:8000', ws: true } } },
  test: {
    environment: 'jsdom',
    setupFiles: ['src/testing/setup.ts'],
    include: ['src/**/*.test.{ts,tsx}'],
    restoreMocks: true,
    testTimeout: 60_000,
  },
}));
