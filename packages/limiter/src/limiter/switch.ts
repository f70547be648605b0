import { HeadgateError, show, wrong } from '../core/errors.ts'

const PATH = 'options.enabled'

/** Reads the switch. What is neither yes nor no must not let everything pass: it is an error of the call. */
export function switchOf(enabled: unknown): () => boolean {
  if (typeof enabled === 'boolean') return () => enabled
  if (typeof enabled !== 'function') {
    throw wrong(enabled, 'is not a switch; pass true, false or a function that returns one of them', PATH)
  }
  return () => {
    const answer = answerOf(enabled as () => unknown)
    if (typeof answer === 'boolean') return answer
    throw wrong(answer, 'is what it returned; return true or false, and no promise', PATH)
  }
}

function answerOf(enabled: () => unknown): unknown {
  try {
    return enabled()
  } catch (cause) {
    const { message } = HeadgateError.from(cause)
    throw new HeadgateError('invalid-options', `it threw ${show(message)}; return true or false`, {
      path: PATH,
      cause,
    })
  }
}
