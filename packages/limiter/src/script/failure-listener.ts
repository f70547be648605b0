import type { HeadgateError } from '../core/errors.ts'
import { distinctWarnings } from '../core/warn.ts'
import type { ScriptConfig } from './script-options.ts'

/** Who hears of decisions that the script did not make: the user's function, or else warnings of the process. */
export function failureListener({ onError, onStoreError }: ScriptConfig): (error: HeadgateError) => void {
  const warnOf = distinctWarnings('HEADGATE_SCRIPT')
  if (onError === null) {
    const done = onStoreError === 'open' ? 'passes' : 'is denied'
    return ({ message }) => warnOf(`A script did not decide, so that the request ${done}: ${message}`)
  }
  const tell = async (error: HeadgateError): Promise<unknown> => onError(error)
  // The decision stands, whatever the listener does.
  return (error) =>
    void tell(error).catch((reason: unknown) => warnOf(`onError of a script failed: ${reason}`))
}
