import { HeadgateError, show, wrong } from './errors.ts'

/** On or off: a boolean, or the text of one, as environment variables hold it. */
export type Switch = boolean | string

const PATH = 'options.enabled'
const FIX = "true, false, 'true' or 'false'"

/**
 * Compiles `enabled` into a function. A value that is neither on nor off throws, when the limiter is created or, for what a
 * function returned, in the call: treated as off it would let every request pass.
 */
export function compileSwitch(enabled: unknown): () => boolean {
  if (typeof enabled === 'function') return () => readResult(callSwitch(enabled as () => unknown))
  const isOn = parseSwitch(enabled)
  if (isOn !== null) return () => isOn
  throw wrong(enabled, `is not a switch; pass ${FIX}, or a function that returns one of them`, PATH)
}

function readResult(result: unknown): boolean {
  const isOn = parseSwitch(result)
  if (isOn !== null) return isOn
  throw wrong(result, `is what it returned; return ${FIX}, and no promise`, PATH)
}

/** Null for a value that is no switch. */
function parseSwitch(value: unknown): boolean | null {
  if (typeof value === 'boolean') return value
  return value === 'true' ? true : value === 'false' ? false : null
}

function callSwitch(enabled: () => unknown): unknown {
  try {
    return enabled()
  } catch (cause) {
    const { message } = HeadgateError.from(cause)
    throw new HeadgateError('invalid-options', `it threw ${show(message)}; return ${FIX}`, {
      path: PATH,
      cause,
    })
  }
}
