/** What is done with the texts that answers hold: receipts of spends. */

import { allRequired } from '../answer-schemas.ts'
import { fieldsOf } from '../body-fields.ts'
import type { Route } from '../http-route.ts'
import { objectOf } from '../json-schema.ts'
import { rethrowAtField } from '../rethrow-at-field.ts'

const REFUNDED = allRequired({ refunded: { type: 'integer', minimum: 0 } })

export const REFUND_ROUTES: readonly Route[] = [
  {
    method: 'POST',
    path: '/v1/refund',
    summary: 'Gives one spend back, or a part of it, at most once.',
    body: objectOf(fieldsOf('receipt', 'cost'), ['receipt']),
    query: objectOf({}),
    responses: { 200: { description: 'Units given back.', schema: REFUNDED } },
    handler: async ({ request, service }) => {
      const { receipt, ...options } = request.body as { receipt: string; cost?: number }
      return { refunded: await service.refund(receipt, options).catch(rethrowAtField) }
    },
  },
]
