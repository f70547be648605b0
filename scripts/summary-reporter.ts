/** Ends a test run with one plain line, `N passed, N failed, N skipped`, which CI reads. */
import type { Reporter, TestModule } from 'vitest/node'

/** The counts of a run; a broken file or an unhandled error counts as one failure. */
export function countTests(
  modules: readonly Pick<TestModule, 'children' | 'state'>[],
  unhandledErrors: number,
): string {
  const counts = { passed: 0, failed: unhandledErrors, skipped: 0 }
  for (const module of modules) {
    let failedHere = 0
    for (const test of module.children.allTests()) {
      const state = test.result().state
      if (state === 'failed') failedHere += 1
      else if (state === 'passed') counts.passed += 1
      else counts.skipped += 1
    }
    counts.failed += failedHere > 0 || module.state() !== 'failed' ? failedHere : 1
  }
  return `${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`
}

/** Vitest's reporter that prints the line. */
export default class SummaryReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    process.stdout.write(`\n${countTests(modules, unhandledErrors.length)}\n`)
  }
}
