import { wildcardTest } from '../wildcard.ts'

/** Makes a test for names by patterns, in which `*` is any text, also none, and everything else is itself. */
export function compileGlobs(patterns: readonly string[]): (name: string) => boolean {
  const tests = patterns.map(wildcardTest)
  return (name) => tests.some((test) => test(name))
}
