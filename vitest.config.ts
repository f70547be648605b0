import { configDefaults, defineConfig } from 'vitest/config'

const shared = {
  pool: 'forks' as const,
  setupFiles: ['scripts/vitest-node.ts', 'scripts/vitest-leaks.ts'],
  environment: 'node',
  // Far above what any test needs on a busy machine: a test that hangs ends, and none fails for being slow.
  testTimeout: 60_000,
  hookTimeout: 60_000,
  expect: { poll: { timeout: 30_000 } },
  exclude: [...configDefaults.exclude, '**/*.{long,browser,deploy}.test.ts'],
}

export default defineConfig({
  test: {
    maxWorkers: 2,
    allowOnly: false,
    reporters: ['default', './scripts/summary-reporter.ts'],
    coverage: {
      provider: 'v8',
      include: ['packages/limiter/src/core/**/*.ts'],
      exclude: ['**/*.test.ts'],
      reporter: ['text-summary'],
      thresholds: { lines: 95, branches: 95 },
    },
    projects: [
      {
        test: {
          ...shared,
          name: 'limiter',
          include: ['packages/limiter/src/**/*.test.ts', 'packages/limiter/test/**/*.test.ts'],
        },
      },
      {
        test: {
          ...shared,
          name: 'server',
          include: ['packages/server/src/**/*.test.ts', 'packages/server/test/**/*.test.ts'],
        },
      },
      { test: { ...shared, name: 'dashboard', include: ['packages/dashboard/src/**/*.test.ts'] } },
      { test: { ...shared, name: 'scripts', include: ['scripts/**/*.test.ts'] } },
    ],
  },
})
