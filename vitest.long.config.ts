/** `npm run test:long`: tests that take their time, mostly real servers put through faults. */
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    name: 'long',
    pool: 'forks',
    environment: 'node',
    include: ['packages/*/src/**/*.long.test.ts', 'packages/*/test/**/*.long.test.ts'],
    setupFiles: ['scripts/vitest-leaks.ts'],
    globalSetup: ['packages/limiter/test/harness/global-setup.ts'],
    reporters: ['default', './scripts/summary-reporter.ts'],
    allowOnly: false,
    // What a fault does is a matter of time: nothing else may take the processors meanwhile.
    fileParallelism: false,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
})
