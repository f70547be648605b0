/** The entry `headgate/errors`: what error codes mean, and how transports answer with them. */

export { isUnsent } from '../core/breaker-open-error.ts'
export { type ErrorMeaning, errorTable } from '../core/error-table.ts'
export { suggest } from '../core/validate.ts'
