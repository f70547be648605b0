import { wrong } from '../core/errors.ts'

/** Names of the options that are about one use of a limiter. */
export const requestFields: readonly string[] = [
  'enabled key attributes cost skip charge skipSuccessful skipFailed isSuccessful slowDown',
  'headers response onDecision onLimited onShadowDenied logLevel logger trustedProxies addressHeader',
].flatMap((names) => names.split(' '))

/** Names of the options where a script decides. */
export const scriptFields: readonly string[] =
  'script key args enabled skip response onDecision onLimited logLevel logger trustedProxies addressHeader ipv6Prefix'.split(
    ' ',
  )

const functions = [
  'attributes',
  'skip',
  'charge',
  'isSuccessful',
  'onDecision',
  'onLimited',
  'onShadowDenied',
] as const
const switches = ['skipSuccessful', 'skipFailed'] as const

type CheckedField = (typeof functions)[number] | (typeof switches)[number]

/** Checks that options are functions, or on or off; a mistake is an `invalid-options` error. */
export function checkFunctions(options: { readonly [N in CheckedField]?: unknown }): void {
  for (const name of functions) {
    const given = options[name]
    if (given !== undefined && typeof given !== 'function') {
      throw wrong(given, 'is not a function', `options.${name}`)
    }
  }
  for (const name of switches) {
    const given = options[name] ?? false
    if (typeof given !== 'boolean') throw wrong(given, 'is not true or false', `options.${name}`)
  }
}
