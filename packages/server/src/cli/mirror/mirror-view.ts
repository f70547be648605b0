import type { ComparisonReport } from '../../replay/comparison.ts'
import { percent } from '../../replay/html/texts.ts'
import { type Lost, lostSentences } from '../../service/record/gap-counts.ts'
import { printable } from '../remote/printable.ts'
import { tableText } from '../remote/table-text.ts'
import type { ServiceDifferenceView } from './service-difference.ts'

/** What a mirror has seen so far. */
export interface MirrorView extends ServiceDifferenceView {
  readonly requests: number
  /** Requests that wait for others which may have come before them. */
  readonly waiting: number
  /** Requests that the recording lacks, by the reason. */
  readonly lost: Lost
  readonly service: { readonly denied: number }
  readonly mirrored: {
    readonly hash: string
    readonly denied: number
    /** Requests that could not be decided. */
    readonly refused: number
    readonly policies: readonly {
      readonly policy: string
      readonly passed: number
      readonly denied: number
    }[]
    /** One sentence each. */
    readonly warnings: readonly string[]
  }
  /** What the configuration beside it has denied. */
  readonly against: { readonly hash: string; readonly denied: number } | null
  readonly comparison: ComparisonReport | null
}

/** How things stand, in one line. */
export function mirrorLine(time: string, view: MirrorView): string {
  const { requests, service, mirrored, newlyDenied, newlyAllowed, lost } = view
  const by = newlyDenied.policies.map(({ policy, count }) => `${policy} ${count}`).join(', ')
  return printable(
    [
      `${time}  requests ${requests}`,
      `denied by the service ${service.denied} (${share(service.denied, requests)})`,
      `by the mirrored configuration ${mirrored.denied} (${share(mirrored.denied, requests)})`,
      `only by it ${newlyDenied.count}${by === '' ? '' : ` (${by})`}`,
      `only by the service ${newlyAllowed.count}`,
      ...lostSentences(lost),
    ].join('; '),
  )
}

/** What came of it, at the end. */
export function mirrorReport(view: MirrorView): string[] {
  const { mirrored, newlyDenied, against, comparison, requests } = view
  const rows = mirrored.policies.map(({ policy, passed, denied }) => [policy, passed, denied])
  const keys = newlyDenied.policies.flatMap(({ policy, count, keys: some }) => [
    [count, policy, '(all)'],
    ...some.map((one) => [one.count, policy, one.key]),
  ])
  return [
    ...mirrored.warnings.map((text) => printable(`warning: ${text}`)),
    ...tableText(['POLICY', 'PASSED', 'DENIED'], rows),
    ...tableText(['DENIED ONLY BY IT', 'POLICY', 'KEY'], keys),
    ...(against === null || comparison === null
      ? []
      : [
          `--against would have denied ${against.denied} (${share(against.denied, requests)}): ` +
            `${comparison.newlyDenied.count} are denied by the mirrored one alone, ${comparison.newlyAllowed.count} by --against alone`,
        ]),
  ]
}

function share(part: number, whole: number): string {
  return percent(whole === 0 ? 0 : part / whole)
}
