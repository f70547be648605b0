import { escapeHtml } from './escape.ts'

/** Where a plot is drawn, in units of its own. */
export const PLOT = { width: 720, height: 220, left: 56, right: 12, top: 12, bottom: 28 } as const

export const INNER = {
  width: PLOT.width - PLOT.left - PLOT.right,
  height: PLOT.height - PLOT.top - PLOT.bottom,
} as const

/** A mark of an axis: where it is, from 0 to 1, and what it says. */
export interface Tick {
  readonly at: number
  readonly text: string
}

/** What a plot shows, and in words what it is for those who do not see it. */
export interface Plot {
  readonly title: string
  readonly description: string
  readonly x: readonly Tick[]
  readonly y: readonly Tick[]
  /** Marks of SVG. */
  readonly content: string
}

/** A plot in its axes. */
export function plotSvg({ title, description, x, y, content }: Plot): string {
  const lines = y.map(({ at, text }) => {
    const top = yOf(at)
    return `<line class="grid" x1="${PLOT.left}" x2="${PLOT.width - PLOT.right}" y1="${top}" y2="${top}"/><text x="${PLOT.left - 6}" y="${top + 4}" text-anchor="end">${escapeHtml(text)}</text>`
  })
  const marks = x.map(({ at, text }) => {
    const anchor = at === 0 ? 'start' : at === 1 ? 'end' : 'middle'
    return `<text x="${xOf(at)}" y="${PLOT.height - 8}" text-anchor="${anchor}">${escapeHtml(text)}</text>`
  })
  const label = escapeHtml(`${title}. ${description}`)
  return `<div class="scroll" tabindex="0" role="region" aria-label="${escapeHtml(title)}"><svg viewBox="0 0 ${PLOT.width} ${PLOT.height}" role="img" aria-label="${label}">${lines.join('')}${content}${marks.join('')}</svg></div>`
}

/** The place of a share of the width. */
export function xOf(share: number): number {
  return round(PLOT.left + share * INNER.width)
}

/** The place of a share of the height, from below. */
export function yOf(share: number): number {
  return round(PLOT.top + (1 - share) * INNER.height)
}

/** Marks from 0 to a round number that is at least `most`. */
export function countTicks(most: number): { readonly top: number; readonly ticks: readonly Tick[] } {
  const raw = Math.max(1, most) / 4
  const power = 10 ** Math.floor(Math.log10(raw))
  const step = Math.max(1, ([1, 2, 5, 10].find((one) => one * power >= raw) ?? 10) * power)
  const count = Math.max(1, Math.ceil(most / step))
  const ticks = Array.from({ length: count + 1 }, (_, i) => ({ at: i / count, text: String(i * step) }))
  return { top: count * step, ticks }
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}
