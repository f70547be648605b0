import { createHash } from 'node:crypto'
import { keyWords } from '../../service/observe/key-parts.ts'
import { lostSentences } from '../../service/record/gap-counts.ts'
import type { ComparisonReport } from '../comparison.ts'
import type { Difference } from '../difference-tally.ts'
import type { SweepReport } from '../limit-sweep.ts'
import type { CountedKey, DenialView, PlayReport } from '../play-report.ts'
import { cutOffText, type ReadReport } from '../replay-logs.ts'
import type { ReplayReport } from '../run-replay.ts'
import { escapeHtml } from './escape.ts'
import { htmlTable, type Row } from './html-table.ts'
import { sweepPlot, timelinePlot } from './plots.ts'
import { STYLE } from './report-style.ts'
import { percent, timeOfDay } from './texts.ts'

/** A report, and of which files it is. */
export interface NamedReport extends ReplayReport {
  readonly files: { readonly config: string; readonly against: string | null }
}

/** The report as one page, without a script and without anything from elsewhere. */
export function reportPage(report: NamedReport): string {
  const { read, played, comparison, sweeps, notes, files } = report
  const hash = createHash('sha256').update(STYLE).digest('base64')
  const title = `What ${files.config} makes of ${read.files.map(({ name }) => name).join(', ')}`
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'sha256-${hash}'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${escapeHtml(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>${escapeHtml(title)}</h1>
${readPart(read)}
${figures(report)}
${[...read.cutOff.map(cutOffText), ...played.warnings, ...notes].map((text) => `<p class="warning">${escapeHtml(text)}</p>`).join('\n')}
<h2>Over time</h2>
<p>Requests<span class="key allowed"></span>admitted<span class="key denied"></span>denied</p>
${timelinePlot(played.timeline)}
${rulesPart(played)}
${sweeps.map(sweepPart).join('\n')}
${comparison === null ? '' : comparisonPart(comparison, files.against ?? '')}
${keysPart(played)}
${denialsPart(played.denials)}
</main>
</body>
</html>
`
}

function readPart({ lines, unreadable, examples, late, lost, from, to }: ReadReport): string {
  const span = from === null || to === null ? '' : `, ${timeOfDay(from)} to ${timeOfDay(to)} UTC`
  const said = [
    `${lines} lines${span}`,
    ...(unreadable === 0 ? [] : [`${unreadable} cannot be read`]),
    ...(late === 0
      ? []
      : [`${late} came out of order by more than 5 s, and were played later than they came`]),
    ...lostSentences(lost),
  ]
  const rows = examples.map(({ file, line, message }) => [file, line, message])
  return `<p>${escapeHtml(said.join('; '))}</p>${htmlTable('First lines that cannot be read', ['File', 'Line', 'Why'], rows)}`
}

function figures({ played, against, comparison }: NamedReport): string {
  const { allowed, denied, refused, requests, peak } = played
  const pairs: (readonly [string, string | number])[] = [
    ['Admitted', allowed],
    ['Denied', denied],
    ['Denied share', percent(requests === 0 ? 0 : denied / requests)],
    ['Most in a second', peak.requests.perSecond],
    ...(refused === 0 ? [] : [['Undecided', refused] as const]),
    ...(against === null ? [] : [['Denied before', against.denied] as const]),
    ...(comparison === null ? [] : [['Newly denied', comparison.newlyDenied.count] as const]),
  ]
  const cells = pairs.map(
    ([name, value]) => `<div><dt>${escapeHtml(name)}</dt><dd>${escapeHtml(value)}</dd></div>`,
  )
  return `<dl class="figures">${cells.join('')}</dl>`
}

function rulesPart({ policies }: PlayReport): string {
  const rows = policies.flatMap(({ policy, rules, shadow }): Row[] => [
    ...rules.map(({ rule, judged, binding }) => [
      policy,
      rule,
      judged,
      binding,
      percent(share(binding, judged)),
    ]),
    ...shadow.map(({ rule, judged, denied }) => [
      policy,
      `${rule} (shadow)`,
      judged,
      denied,
      percent(share(denied, judged)),
    ]),
  ])
  return `<h2>Policies and rules</h2>${htmlTable('What each rule denied', ['Policy', 'Rule', 'Judged', 'Denied', 'Share'], rows)}`
}

function sweepPart(sweep: SweepReport): string {
  const { policy, rule, limit, points } = sweep
  const rows = points.map((point) => [
    point.limit === limit ? `${point.limit} (now)` : String(point.limit),
    point.denied,
    percent(share(point.denied, point.requests)),
    point.byRule,
  ])
  const name = `${policy}/${rule}`
  return `<h2>Other limits of ${escapeHtml(name)}</h2>
${sweepPlot(sweep)}
${htmlTable(`Denied with each limit of ${name}`, ['Limit', 'Denied', 'Share', 'By this rule'], rows)}`
}

function comparisonPart({ newlyDenied, newlyAllowed }: ComparisonReport, against: string): string {
  const part = (what: string, { count, policies }: Difference): string => {
    const rows = policies.flatMap(({ policy, count: all, keys }): Row[] => [
      [policy, 'all', String(all)],
      ...keyRows(policy, keys),
    ])
    return `<p>${count} ${escapeHtml(what)}</p>${htmlTable(what, ['Policy', 'Key', 'Requests'], rows)}`
  }
  return `<h2>Beside ${escapeHtml(against)}</h2>
${part('denied now, and not before', newlyDenied)}
${part('denied before, and not now', newlyAllowed)}`
}

function keysPart({ policies }: PlayReport): string {
  const asked = policies.flatMap(({ policy, mostAsked }) => keyRows(policy, mostAsked))
  const denied = policies.flatMap(({ policy, mostDenied }) => keyRows(policy, mostDenied))
  return `<h2>Keys</h2>
${htmlTable('Keys that asked most', ['Policy', 'Key', 'Requests'], asked)}
${htmlTable('Keys that were denied most', ['Policy', 'Key', 'Requests'], denied)}`
}

function keyRows(policy: string, keys: readonly CountedKey[]): Row[] {
  return keys.map(({ key, count, error }) => [
    policy,
    key,
    error === 0 ? String(count) : `${count - error}–${count}`,
  ])
}

function denialsPart(denials: readonly DenialView[]): string {
  const rows = denials.map((denial): Row => {
    const { at, policy, rule, reason, retryAfterMs, attributes } = denial
    const wait = retryAfterMs === null ? 'no wait helps' : `${Math.ceil(retryAfterMs / 1000)} s`
    const { method = '', path = '' } = attributes
    return [
      timeOfDay(at),
      policy ?? '–',
      rule ?? '–',
      reason,
      wait,
      keyOf(denial),
      `${method} ${path}`.trim(),
    ]
  })
  const headings = ['At', 'Policy', 'Rule', 'Reason', 'Wait', 'Key', 'Request']
  return rows.length === 0
    ? ''
    : `<h2>First denials</h2>${htmlTable('The first denial of each key', headings, rows)}`
}

function keyOf({ policy, policies }: DenialView): string {
  const key = policies.find((one) => one.policy === policy)?.key ?? null
  return key === null ? '–' : keyWords(key)
}

function share(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole
}
