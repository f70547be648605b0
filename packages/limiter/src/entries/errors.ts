export { type ErrorMeaning, errorTable } from '../core/error-table.ts'
