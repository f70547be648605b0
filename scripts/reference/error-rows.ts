/** The table of errors, from the one that all transports answer by. */
import { errorTable } from '../../packages/limiter/src/core/error-table.ts'
import { cellOf, tableOf } from './schema-fields.ts'

/** One row a code, which leads to its section. */
export function errorRows(): string {
  const rows = Object.entries(errorTable).map(([code, { meaning, http, grpc, resp, retryable }]) => {
    const again = retryable ? 'yes' : ''
    return `| [\`${code}\`](#${code}) | ${cellOf(meaning)} | ${http} | \`${grpc}\` | \`${resp}\` | ${again} |`
  })
  const head = ['| code | | HTTP | gRPC | RESP | may be repeated |', '| --- | --- | --- | --- | --- | --- |']
  return tableOf([...head, ...rows])
}
