import type { SweepReport } from '../limit-sweep.ts'
import type { TimelineView } from '../timeline.ts'
import { countTicks, INNER, PLOT, plotSvg, type Tick, xOf, yOf } from './plot-frame.ts'
import { percent, timeOfDay } from './texts.ts'

/** Most bars that can be told apart. */
const BARS_MAX = 200

/** What passed and what was denied over time, one above the other. */
export function timelinePlot(view: TimelineView): string {
  const { from, stepMs, allowed, denied } = together(view)
  const most = Math.max(0, ...allowed.map((count, i) => count + (denied[i] ?? 0)))
  const { top, ticks } = countTicks(most)
  const width = INNER.width / Math.max(1, allowed.length)
  const bars = allowed.map((passed, i) => {
    const x = PLOT.left + i * width
    const all = passed + (denied[i] ?? 0)
    return `${bar(x, width, [0, passed / top, 'allowed'])}${bar(x, width, [passed / top, all / top, 'denied'])}`
  })
  const end = from + allowed.length * stepMs
  return plotSvg({
    title: 'Requests over time',
    description: `Admitted and denied requests in each ${stepMs / 1000} s, from ${timeOfDay(from)} to ${timeOfDay(end)} UTC; at most ${most}`,
    x: timeTicks(from, end),
    y: ticks,
    content: bars.join(''),
  })
}

/** The share of requests that is denied at each limit. */
export function sweepPlot({ policy, rule, limit, points }: SweepReport): string {
  const shares = points.map(({ denied, requests }) => (requests === 0 ? 0 : denied / requests))
  const most = Math.max(0.0001, ...shares)
  const at = points.map((_, i) => (points.length === 1 ? 0.5 : i / (points.length - 1)))
  const place = (i: number): string => `${xOf(at[i] as number)},${yOf((shares[i] as number) / most)}`
  const line = points.map((_, i) => place(i)).join(' ')
  const dots = points.map((point, i) => {
    const [x, y] = place(i).split(',')
    const kind = point.limit === limit ? 'now' : 'point'
    return `<circle class="${kind}" cx="${x}" cy="${y}" r="${point.limit === limit ? 6 : 4}"/>`
  })
  return plotSvg({
    title: `Denied share by limit of ${policy}/${rule}`,
    description: points.map((point, i) => `at ${point.limit}: ${percent(shares[i] as number)}`).join(', '),
    x: points.map((point, i) => ({ at: at[i] as number, text: String(point.limit) })),
    y: [0, 0.25, 0.5, 0.75, 1].map((part) => ({ at: part, text: percent(part * most) })),
    content: `<polyline class="curve" points="${line}"/>${dots.join('')}`,
  })
}

/** From one share of the height to another; nothing where they are the same. */
function bar(x: number, width: number, [from, to, kind]: readonly [number, number, string]): string {
  if (from === to) return ''
  const [low, high] = [yOf(from), yOf(to)]
  const size = `width="${Math.max(0.8, width * 0.9).toFixed(2)}" height="${Math.max(0.8, low - high).toFixed(2)}"`
  return `<rect class="${kind}" x="${x.toFixed(2)}" y="${high}" ${size}/>`
}

function together({ from, stepMs, allowed, denied }: TimelineView): TimelineView {
  const by = Math.max(1, Math.ceil(allowed.length / BARS_MAX))
  const sums = (counts: readonly number[]): number[] =>
    Array.from({ length: Math.ceil(counts.length / by) }, (_, i) =>
      counts.slice(i * by, (i + 1) * by).reduce((sum, count) => sum + count, 0),
    )
  return { from, stepMs: stepMs * by, allowed: sums(allowed), denied: sums(denied) }
}

function timeTicks(from: number, to: number): Tick[] {
  return [0, 0.5, 1].map((at) => ({ at, text: timeOfDay(from + at * (to - from)) }))
}
