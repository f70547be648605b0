export { type ErrorMeaning, errorTable } from '../core/error-table.ts'
export { suggest } from '../core/validate.ts'
