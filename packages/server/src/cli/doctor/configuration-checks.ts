import type { Config } from '../../config/config.ts'
import { type CheckReport, mistakeLine } from '../../config/report.ts'
import { type Finding, findingsOf } from './redis/finding.ts'

/** What `headgate check` says of the configuration. */
export function checkConfiguration(report: CheckReport): Finding[] {
  const { ok, warning, error } = findingsOf('configuration', report.file)
  if (!report.valid) {
    return report.mistakes.map((mistake) =>
      error(mistakeLine(mistake), 'correct it; headgate check says more'),
    )
  }
  const found = report.warnings.map((message) => warning(message, 'see docs/reference/command-line.md#check'))
  return [ok(`valid; policies: ${report.policies}, hash: ${report.hash}`), ...found]
}

/** Which policies protect nothing while their store fails. */
export function checkStoreErrors({ policies, resilience }: Config): Finding {
  const { ok, warning } = findingsOf('store-errors')
  const open = policies.filter((policy) => {
    return policy.mode !== 'off' && (policy.onStoreError ?? resilience.onStoreError) === 'open'
  })
  if (open.length === 0) return ok('no policy admits everything while its store fails')
  const names = open.map(({ name }) => name).join(', ')
  return warning(
    `while the store fails these policies admit everything: ${names}`,
    'let onStoreError be local, or closed where a limit protects secrets or money',
  )
}
