import { HeadgateError, show, wrong } from '../core/errors.ts'

/** Yes or no, also as environment variables write it. */
export type Switch = boolean | 'true' | 'false'

const PATH = 'options.enabled'
const FIX = "true, false, 'true' or 'false'"

/** Reads the switch. What is neither yes nor no must not let everything pass: it is an error of the call. */
export function switchOf(enabled: unknown): () => boolean {
  if (typeof enabled === 'function') return () => read(answerOf(enabled as () => unknown))
  const isOn = isYes(enabled)
  if (isOn !== null) return () => isOn
  throw wrong(enabled, `is not a switch; pass ${FIX}, or a function that returns one of them`, PATH)
}

function read(answer: unknown): boolean {
  const isOn = isYes(answer)
  if (isOn !== null) return isOn
  throw wrong(answer, `is what it returned; return ${FIX}, and no promise`, PATH)
}

/** Null for what is no switch. */
function isYes(value: unknown): boolean | null {
  if (typeof value === 'boolean') return value
  return value === 'true' ? true : value === 'false' ? false : null
}

function answerOf(enabled: () => unknown): unknown {
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
