import { useEffect, useRef, useState } from 'preact/hooks'
import uPlot from 'uplot'
import { rateText } from '../format/numbers.ts'
import { clockText } from '../format/times.ts'
import type { Second } from '../live/admin-answers.ts'
import { SECONDS_KEPT } from '../live/seconds.ts'
import { Panel } from './panel.tsx'

const HEIGHT = 260
const DARK = '(prefers-color-scheme: dark)'

/** Lines differ by dashes too, not by colour alone. */
const LINES = [
  { name: 'Admitted', of: 'allowed', color: '--allowed', dash: [] },
  { name: 'Denied', of: 'denied', color: '--denied', dash: [6, 3] },
  { name: 'Would be denied', of: 'shadowDenied', color: '--shadow', dash: [2, 3] },
] as const

/** Decisions a second over the last five minutes. */
export function RatesChart({ seconds }: { readonly seconds: readonly Second[] }) {
  const box = useRef<HTMLDivElement>(null)
  const plot = useRef<uPlot | null>(null)
  const isDark = useMedia(DARK)
  const data = dataOf(seconds)
  // Colours are read anew where the scheme changes; data follows below.
  useEffect(() => {
    const parent = box.current
    if (parent === null) return
    const drawn = new uPlot(optionsOf(parent), data, parent)
    plot.current = drawn
    const resized = new ResizeObserver(() => drawn.setSize({ width: parent.clientWidth, height: HEIGHT }))
    resized.observe(parent)
    return () => {
      resized.disconnect()
      drawn.destroy()
    }
  }, [isDark])
  useEffect(() => {
    plot.current?.setData(data)
  }, [seconds])
  return (
    <Panel title="Decisions per second" note="last 5 minutes" class="chart">
      <ul class="legend">
        {LINES.map(({ name, of }) => (
          <li key={of} class={of}>
            <svg viewBox="0 0 24 4" aria-hidden="true">
              <line x1="0" y1="2" x2="24" y2="2" />
            </svg>
            {name} <b>{rateText(seconds.at(-1)?.[of] ?? 0)}</b>
          </li>
        ))}
      </ul>
      <div ref={box} class="plot" role="img" aria-label={summaryOf(seconds)} />
    </Panel>
  )
}

function dataOf(seconds: readonly Second[]): uPlot.AlignedData {
  return [seconds.map(({ at }) => at / 1000), ...LINES.map(({ of }) => seconds.map((second) => second[of]))]
}

function optionsOf(parent: HTMLElement): uPlot.Options {
  const style = getComputedStyle(parent)
  const color = (name: string): string => style.getPropertyValue(name).trim()
  const axis = {
    stroke: color('--muted'),
    grid: { stroke: color('--line'), width: 1 },
    ticks: { show: false },
    font: `12px ${style.fontFamily}`,
  }
  return {
    width: parent.clientWidth,
    height: HEIGHT,
    legend: { show: false },
    cursor: { show: false },
    padding: [8, 20, 0, 0],
    scales: {
      x: { range: (_, __, to) => [to - SECONDS_KEPT, to] },
      y: { range: (_, __, to) => [0, Math.max(1, to * 1.1)] },
    },
    axes: [
      {
        ...axis,
        space: 70,
        size: 28,
        values: (_, splits) => splits.map((at) => clockText(at * 1000).slice(0, 5)),
        incrs: [60, 120],
      },
      { ...axis, size: 52, values: (_, splits) => splits.map(rateText) },
    ],
    series: [
      {},
      ...LINES.map(({ name, color: variable, dash }) => ({
        label: name,
        stroke: color(variable),
        width: 2,
        dash: [...dash],
        points: { show: false },
      })),
    ],
  }
}

/** The picture in words. */
function summaryOf(seconds: readonly Second[]): string {
  const peaks = LINES.map(
    ({ name, of }) => `${name}: at most ${rateText(Math.max(0, ...seconds.map((one) => one[of])))}`,
  )
  return `Decisions per second in the last 5 minutes. ${peaks.join('. ')}.`
}

/** Whether a media query holds, also when that changes. */
function useMedia(query: string): boolean {
  const [matches, setMatches] = useState(() => matchMedia(query).matches)
  useEffect(() => {
    const list = matchMedia(query)
    const follow = (): void => setMatches(list.matches)
    list.addEventListener('change', follow)
    return () => list.removeEventListener('change', follow)
  }, [query])
  return matches
}
