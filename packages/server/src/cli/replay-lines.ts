import type { ComparisonReport } from '../replay/comparison.ts'
import type { Difference } from '../replay/difference-tally.ts'
import type { NamedReport } from '../replay/html/report-page.ts'
import { percent, timeOfDay } from '../replay/html/texts.ts'
import type { SweepReport } from '../replay/limit-sweep.ts'
import type { CountedKey, DenialView, PlayReport } from '../replay/play-report.ts'
import { cutOffText, type ReadReport } from '../replay/replay-logs.ts'
import { keyWords } from '../service/observe/key-parts.ts'
import { lostSentences } from '../service/record/gap-counts.ts'
import { durationText } from './remote/duration-text.ts'
import { printable } from './remote/printable.ts'
import { rateText } from './remote/rate-text.ts'
import { NOTHING, tableText } from './remote/table-text.ts'

/** A report for people. */
export function replayLines({
  read,
  played,
  against,
  comparison,
  sweeps,
  notes,
  files,
}: NamedReport): string[] {
  return [
    ...readLines(read),
    '',
    summary(files.config, played),
    ...(against === null || files.against === null ? [] : [summary(files.against, against)]),
    ...[...read.cutOff.map(cutOffText), ...played.warnings, ...notes].map((text) =>
      printable(`warning: ${text}`),
    ),
    ...spaced(ruleLines(played)),
    ...spaced(keyLines('ASKED MOST', played, ({ mostAsked }) => mostAsked)),
    ...spaced(keyLines('DENIED MOST', played, ({ mostDenied }) => mostDenied)),
    ...spaced(denialLines(played.denials)),
    ...sweeps.flatMap((one) => spaced(sweepLines(one))),
    ...(comparison === null ? [] : comparisonLines(comparison)),
  ]
}

function readLines({ files, lines, unreadable, examples, late, lost, from, to }: ReadReport): string[] {
  const names = files.map(({ name, format }) => `${name} (${format})`).join(', ')
  const span = from === null || to === null ? '' : `, ${timeOfDay(from)} to ${timeOfDay(to)}`
  return [
    printable(`${lines} lines of ${names}${span}`),
    ...(unreadable === 0 ? [] : [`${unreadable} cannot be read, the first of them:`]),
    ...examples.map(({ file, line, message }) => printable(`  ${file}:${line}: ${message}`)),
    ...(late === 0
      ? []
      : [`${late} came out of order by more than 5s, and were played later than they came`]),
    ...lostSentences(lost),
  ]
}

function summary(
  file: string,
  { allowed, denied, refused, requests, refusals, peak, keys }: PlayReport,
): string {
  const why = refusals.map(({ message, count }) => `\n  ${count} cannot be decided: ${message}`).join('')
  const busiest =
    peak.requests.at === null
      ? ''
      : `; at most ${peak.requests.perSecond}/s, at ${timeOfDay(peak.requests.at)}`
  const shared =
    keys.overflowed === 0
      ? ''
      : `\n  more than ${keys.maxKeys} keys at once: ${keys.overflowed} times one shared a budget, and may have been denied falsely; raise --max-keys`
  const undecided = refused === 0 ? '' : `, ${refused} undecided`
  const text = `${file}: ${allowed} admitted, ${denied} denied (${shareText(denied, requests)})${undecided}${busiest}${shared}${why}`
  return text.split('\n').map(printable).join('\n')
}

function ruleLines({ policies, reasons, requests }: PlayReport): string[] {
  const rows = policies.flatMap(({ policy, rules, shadow }) => [
    ...rules.map(({ rule, judged, binding }) => [policy, rule, judged, binding, shareText(binding, judged)]),
    ...shadow.map(({ rule, judged, denied }) => [
      policy,
      `${rule} (shadow)`,
      judged,
      denied,
      shareText(denied, judged),
    ]),
  ])
  const listed = reasons['denied-by-policy'] ?? 0
  return [
    ...tableText(['POLICY', 'RULE', 'JUDGED', 'DENIED', 'SHARE'], rows),
    ...(listed === 0 ? [] : [`${listed} of ${requests} are denied by the list deny, or by a limit of 0`]),
  ]
}

function keyLines(
  heading: string,
  { policies }: PlayReport,
  keysOf: (policy: PlayReport['policies'][number]) => readonly CountedKey[],
): string[] {
  const rows = policies.flatMap((policy) =>
    keysOf(policy).map((one) => [countText(one), policy.policy, one.key]),
  )
  return tableText([heading, 'POLICY', 'KEY'], rows)
}

function denialLines(denials: readonly DenialView[]): string[] {
  const rows = denials.map(({ at, policy, rule, reason, retryAfterMs, attributes, policies }) => {
    const key = policies.find((one) => one.policy === policy)?.key ?? null
    const wait = retryAfterMs === null ? 'no wait helps' : durationText(retryAfterMs)
    const { method = '', path = '' } = attributes
    const who = key === null ? NOTHING : keyWords(key)
    return [timeOfDay(at), policy ?? NOTHING, rule ?? NOTHING, reason, wait, who, `${method} ${path}`.trim()]
  })
  return tableText(['FIRST DENIALS', 'POLICY', 'RULE', 'REASON', 'WAIT', 'KEY', 'REQUEST'], rows)
}

function sweepLines({ policy, rule, limit, windowMs, points }: SweepReport): string[] {
  const rows = points.map((point) => [
    `${rateText({ limit: point.limit, windowMs })}${point.limit === limit ? ' (now)' : ''}`,
    point.denied,
    shareText(point.denied, point.requests),
    point.byRule,
  ])
  return tableText([`${policy}/${rule} WITH`, 'DENIED', 'SHARE', 'BY IT'], rows)
}

function comparisonLines({ newlyDenied, newlyAllowed }: ComparisonReport): string[] {
  return [
    ...differenceLines('denied now, and not before', newlyDenied),
    ...differenceLines('denied before, and not now', newlyAllowed),
  ]
}

function differenceLines(what: string, { count, policies }: Difference): string[] {
  const rows = policies.flatMap(({ policy, count: ofPolicy, keys }) => [
    [ofPolicy, policy, '(all)'],
    ...keys.map((one) => [countText(one), policy, one.key]),
  ])
  return ['', `${count} ${what}`, ...tableText(['REQUESTS', 'POLICY', 'KEY'], rows)]
}

function countText({ count, error }: CountedKey): number | string {
  return error === 0 ? count : `${count - error}–${count}`
}

function shareText(part: number, whole: number): string {
  return percent(whole === 0 ? 0 : part / whole)
}

function spaced(lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ['', ...lines]
}
