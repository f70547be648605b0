/** Suites that take their time or need more than Node and Redis: one file at a time, on machines that may be busy. */
import { defineConfig, type ViteUserConfig } from 'vitest/config'

/** The configuration of the suite whose files end in `.<name>.test.ts`. */
export function slowSuite(name: string): ViteUserConfig {
  return defineConfig({
    test: {
      name,
      pool: 'forks',
      environment: 'node',
      include: [`packages/*/src/**/*.${name}.test.ts`, `packages/*/test/**/*.${name}.test.ts`],
      setupFiles: ['scripts/vitest-leaks.ts'],
      globalSetup: ['packages/limiter/test/harness/global-setup.ts'],
      reporters: ['default', './scripts/summary-reporter.ts'],
      allowOnly: false,
      // What a fault does is a matter of time: nothing else may take the processors meanwhile.
      fileParallelism: false,
      // Far above what any test needs alone.
      testTimeout: 180_000,
      hookTimeout: 60_000,
      expect: { poll: { timeout: 30_000 } },
    },
  })
}
