/** `node scripts/print-lua.ts 'first-hit | bucket,sliding-window!'` prints the script that Redis is sent for this shape. */
import { compileScript } from '../packages/limiter/src/stores/redis/compile/compile-script.ts'
import { fragments } from '../packages/limiter/src/stores/redis/scripts.gen.ts'
import {
  nameOf,
  type Role,
  type Shape,
  type ShapeRule,
  shapeOfRequests,
} from '../packages/limiter/src/stores/redis/shape.ts'

/** The kinds whose fragments are ours. */
export const kinds: readonly string[] = Object.keys(fragments).filter((kind) => kind !== 'custom')

/** By the mark behind a kind: `bucket~` is a rule in shadow by itself, `bucket=` one of a policy in shadow. */
const roles: Readonly<Record<string, Role>> = { '': 'enforced', '=': 'together', '~': 'alone' }

/**
 * The shape of kinds in any order: those of one request separated by commas, behind them `!` where its policy bans, requests by
 * bars. A `+` behind a kind is overdraw.
 */
export function shapeOf(text: string): Shape {
  const requests = text.split('|').map((request) => {
    const kindsText = request.trim()
    const rules = kindsText.replace(/!$/, '').split(',').map(ruleOf)
    return { rules: rules.sort(by(({ kind }) => kind)), bans: kindsText.endsWith('!') }
  })
  requests.sort(by(({ rules, bans }) => nameOf(rules, bans)))
  return shapeOfRequests(
    requests.map(({ rules }) => rules),
    requests.map(({ bans }) => bans),
  )
}

function ruleOf(text: string): ShapeRule {
  const [, kind = '', mark = '', more] = text.trim().match(/^(.*?)([=~]?)([+]?)$/) ?? []
  const role = roles[mark] as Role
  if (kinds.includes(kind)) {
    return { kind, moreTerms: 0, words: 0, custom: false, role, overdraw: more === '+' }
  }
  throw new Error(
    `${JSON.stringify(kind)} is not a kind of rule; use ${kinds.join(', ')}, as in 'bucket,epoch | bucket'`,
  )
}

function by<T>(textOf: (value: T) => string): (a: T, b: T) => number {
  return (a, b) => Number(textOf(a) > textOf(b)) - Number(textOf(a) < textOf(b))
}

if (import.meta.main) {
  try {
    console.log(compileScript(shapeOf(process.argv[2] ?? ''), []).text)
  } catch (error) {
    console.error(error instanceof Error ? error.message : error)
    process.exitCode = 1
  }
}
