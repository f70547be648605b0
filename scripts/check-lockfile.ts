/** Fails when a package-lock.json lacks a platform's optional package or records where a package was downloaded. */
import { readFileSync } from 'node:fs'

interface Entry {
  readonly resolved?: string
  readonly link?: boolean
  readonly optionalDependencies?: Readonly<Record<string, string>>
}

if (import.meta.main) {
  for (const path of ['package-lock.json', 'site/package-lock.json']) {
    const lock = JSON.parse(readFileSync(path, 'utf8')) as { packages: Record<string, Entry> }
    const problems = lockfileProblems(lock.packages)
    for (const problem of problems) console.error(`${path}: ${problem}`)
    if (problems.length > 0) process.exitCode = 1
  }
}

/** Says what keeps a lockfile from working on another machine or for another registry. */
export function lockfileProblems(packages: Readonly<Record<string, Entry>>): string[] {
  return Object.entries(packages).flatMap(([path, entry]) => {
    const optional = Object.keys(entry.optionalDependencies ?? {})
    const missing = optional.filter((name) => !isLocked(packages, path, name))
    const hosts = entry.resolved?.includes('://') ? [`${path} records its download address`] : []
    return [...hosts, ...missing.map((name) => `${path} wants ${name}, which the lockfile lacks`)]
  })
}

function isLocked(packages: Readonly<Record<string, Entry>>, from: string, name: string): boolean {
  for (let at = from; ; at = at.slice(0, Math.max(0, at.lastIndexOf('/node_modules/')))) {
    if (packages[at === '' ? `node_modules/${name}` : `${at}/node_modules/${name}`]) return true
    if (at === '') return false
  }
}
