import type { Case, Run } from './suite.ts'

/** Two workspaces with a library each. */
export interface Trees {
  readonly ours: string
  readonly theirs: string
  /** Names theirs in the report. */
  readonly commit: string
}

/** Every way in which these cases use our library, once: the same run with the library of one workspace and of the other. */
export function againstCommit(cases: readonly Case[], { ours, theirs, commit }: Trees): Case[] {
  const known = new Set<string>()
  return cases.flatMap((one) =>
    [one.ours, ...one.theirs]
      .filter((run) => usesLibrary(run) && isNew(run, one, known))
      .map((run) => ({
        name: nameOf(one, run),
        unit: one.unit,
        ours: { ...run, label: 'headgate', tree: ours },
        theirs: [{ ...run, label: `headgate at ${commit}`, tree: theirs }],
        target: null,
      })),
  )
}

/** Without what the case compares with, and with what tells this side from it. */
function nameOf({ name }: Case, { label }: Run): string {
  const what = name.replace(/, (against|beside) .*$/, '')
  return label === 'headgate' ? what : `${what}: ${label.replace('headgate, ', '')}`
}

/** Peers are labelled with their own names. */
function usesLibrary({ label }: Run): boolean {
  return label.startsWith('headgate')
}

function isNew({ subject, params, reading }: Run, { unit }: Case, known: Set<string>): boolean {
  const id = JSON.stringify([subject, params, reading, unit])
  if (known.has(id)) return false
  known.add(id)
  return true
}
