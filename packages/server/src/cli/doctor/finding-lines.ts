import { tableText } from '../remote/table-text.ts'
import { type Finding, type State, worstOf } from './redis/finding.ts'

const ORDER: readonly State[] = ['error', 'warning', 'ok']

/** Findings for people, the worst first, each followed by what to do. */
export function findingLines(findings: readonly Finding[]): string[] {
  const sorted = ORDER.flatMap((state) => findings.filter((finding) => finding.state === state))
  const rows = sorted.flatMap(({ state, check, about, message, fix }) => {
    const row = [state, check, about ?? '', message]
    return fix === null ? [row] : [row, ['', '', '', `→ ${fix}`]]
  })
  const count = (state: State): number => findings.filter((finding) => finding.state === state).length
  const sum = `${count('error')} errors, ${count('warning')} warnings, ${count('ok')} fine`
  return [
    ...tableText(['', 'check', 'about', 'finding'], rows),
    '',
    worstOf(findings) === 'ok' ? `all well: ${sum}` : sum,
  ]
}
