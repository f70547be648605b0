import type { ShownKeyOf } from '../../../service/observe/attributes-of-key.ts'
import { checkPolicyName } from '../../../service/observe/check-policy-name.ts'
import { allRequired } from '../../http/answer-schemas.ts'
import type { Route } from '../../http/http-route.ts'
import { objectOf } from '../../http/json-schema.ts'
import type { AdminParts } from '../admin-parts.ts'

const KEY = {
  policy: { type: 'string' },
  key: { type: 'string', minLength: 1, description: 'As denials and `/v1/top` have it.' },
} as const

const ENTRY = allRequired({ key: { type: 'string' }, value: { type: 'string' } })

/** From a key that is listed to a call about it. */
export function attributeRoutes({ observer }: Pick<AdminParts, 'observer'>): readonly Route[] {
  return [
    {
      method: 'POST',
      path: '/v1/attributes',
      summary: 'The attributes that a listed key stands for, as other calls take them.',
      body: objectOf(KEY, Object.keys(KEY)),
      query: objectOf({}),
      responses: {
        200: {
          description: 'The attributes.',
          schema: objectOf(
            {
              attributes: { type: 'object', additionalProperties: { type: 'string' } },
              descriptor: { type: 'array', items: ENTRY, description: 'Absent unless the key has entries.' },
            },
            ['attributes'],
          ),
        },
      },
      handler: ({ request, service }) => {
        const asked = request.body as ShownKeyOf
        checkPolicyName(service, asked.policy, 'policy')
        const { descriptor, ...attributes } = observer.attributesOf(service, asked)
        return { attributes, ...(descriptor !== undefined && { descriptor }) }
      },
    },
  ]
}
