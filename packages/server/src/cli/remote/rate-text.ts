import type { RuleView } from 'headgate'
import { durationText } from './duration-text.ts'

const NAMES: Readonly<Record<number, string>> = {
  1000: 's',
  60000: 'min',
  3600000: 'hour',
  86400000: 'day',
}

/** A rate as one writes it: `100/min`, `5/15m`. */
export function rateText({ limit, windowMs }: RuleView['rate']): string {
  return `${limit}/${NAMES[windowMs] ?? durationText(windowMs).replace(' ', '')}`
}
