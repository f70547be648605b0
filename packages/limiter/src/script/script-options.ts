import { checkResilience } from '../core/check-resilience.ts'
import { type Clock, checkClock, systemClock } from '../core/clock.ts'
import { compileSwitch, type Switch } from '../core/enabled-switch.ts'
import { type HeadgateError, invalid, show, wrong } from '../core/errors.ts'
import { FIELDS_MAX, isFieldName, isFramingField } from '../core/header-field.ts'
import { DEADLINE_MS } from '../core/store-timeout.ts'
import { checkFields } from '../core/validate.ts'
import type { ScriptCall } from './loaded-script.ts'

/** Options of `scriptLimiter`. */
export interface ScriptLimiterOptions {
  /**
   * The Lua script. `KEYS` and `ARGV` are what `run` is given; it returns `{ 'allow' or 'deny', { header values }, ... }`, and
   * what follows is handed to the application as `extra`.
   */
  readonly script: string
  /**
   * Names of the header values, by position. A script may return fewer values, `false` in place of one, or `{ name, value }`
   * for a field of another name.
   */
  readonly headers: readonly string[]
  /**
   * Sends one command by a client of yours, and resolves to its reply: `(command) => client.call(...command)` with `ioredis`,
   * `(command) => client.sendCommand(command)` with `redis`.
   */
  readonly call: ScriptCall
  /**
   * What decides while the script gives no answer: `open`, every request passes; `closed`, every request is denied. This process
   * cannot decide in its place, since it knows neither a limit nor a window.
   */
  readonly onStoreError: 'open' | 'closed'
  /**
   * How long one decision may take, in milliseconds.
   * @default 15
   */
  readonly deadlineMs?: number
  /**
   * Whether the limiter is on: a boolean, the text of one, or a function that returns one of them and is called for each
   * decision. Off, all requests pass.
   * @default true
   */
  readonly enabled?: Switch | (() => Switch)
  /**
   * Called for each decision that the script did not make, with the reason.
   * @default a warning of the process, once for each message
   */
  readonly onError?: (error: HeadgateError) => unknown
  /**
   * Timers of the deadline.
   * @default the system's
   */
  readonly clock?: Clock
}

/** Checked options, each with a value. */
export interface ScriptConfig {
  readonly script: string
  readonly headers: readonly string[]
  readonly call: ScriptCall
  readonly onStoreError: 'open' | 'closed'
  readonly deadlineMs: number
  readonly isEnabled: () => boolean
  readonly onError: ((error: HeadgateError) => unknown) | null
  readonly clock: Clock
}

const FIELDS = ['script', 'headers', 'call', 'onStoreError', 'deadlineMs', 'enabled', 'onError', 'clock']

/** Checks the options; a mistake is an `invalid-options` error. */
export function scriptConfig(options: ScriptLimiterOptions): ScriptConfig {
  checkFields(options, FIELDS, 'options')
  const { script, call, onStoreError, onError = null, clock, deadlineMs = DEADLINE_MS } = options
  if (typeof script !== 'string' || script.trim() === '') {
    throw wrong(script, 'is not a Lua script; pass its text', 'options.script')
  }
  checkFunction(call, 'options.call', 'pass (command) => client.call(...command)')
  if (onError !== null) checkFunction(onError, 'options.onError', 'pass (error) => log(error)')
  checkMode(onStoreError)
  checkResilience({ deadlineMs })
  checkClock(clock, 'options.clock')
  return {
    script,
    call,
    onStoreError,
    onError,
    deadlineMs,
    headers: fieldNames(options.headers),
    isEnabled: compileSwitch(options.enabled ?? true),
    clock: clock ?? systemClock(),
  }
}

function checkMode(mode: unknown): void {
  if (mode === 'open' || mode === 'closed') return
  const why = 'a script has no limit and window by which this process could decide'
  throw wrong(mode, `is not a mode; use open or closed: ${why}`, 'options.onStoreError')
}

function checkFunction(value: unknown, path: string, fix: string): void {
  if (typeof value !== 'function') throw wrong(value, `is not a function; ${fix}`, path)
}

function fieldNames(given: unknown): string[] {
  const path = 'options.headers'
  if (!Array.isArray(given) || given.length > FIELDS_MAX) {
    throw wrong(given, `is not a list of up to ${FIELDS_MAX} names of header fields`, path)
  }
  return given.map((name: unknown, i) => {
    const lower = typeof name === 'string' ? name.toLowerCase() : ''
    if (!isFieldName(lower) || isFramingField(lower)) {
      throw wrong(name, 'is not the name of a header field that can be set', `${path}[${i}]`)
    }
    const first = given.findIndex((other) => String(other).toLowerCase() === lower)
    if (first !== i) throw invalid(`${path}[${i}]`, `${show(name)} is there twice; keep one`)
    return lower
  })
}
