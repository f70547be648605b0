import { Readable } from 'node:stream'
import type { FastifyRequest } from 'fastify'
import { httpProblem } from 'headgate/http'
import { badRequest } from '../../../service/describe-failure.ts'
import { newSeed } from '../../../service/record/new-seed.ts'
import { type RecordOptions, SEED_LENGTH_MIN } from '../../../service/record/record-options.ts'
import { RECORDINGS_MAX } from '../../../service/record/recordings.ts'
import { schemaRef } from '../../http/answer-schemas.ts'
import { sendProblem } from '../../http/encode.ts'
import type { Exchange, Route } from '../../http/http-route.ts'
import { objectOf } from '../../http/json-schema.ts'
import type { AdminParts } from '../admin-parts.ts'
import { parameter } from '../read-count.ts'

const NDJSON = 'application/x-ndjson'
/** In a field of the header: URLs stand in logs. */
const SEED_FIELD = 'x-headgate-seed'
const NAME_MAX = 256
const FULL = `${RECORDINGS_MAX} record already, or this instance stops; try again when one of them has ended`

export function recordRoutes({ recordings }: Pick<AdminParts, 'recordings'>): readonly Route[] {
  return [
    {
      method: 'GET',
      path: '/v1/record',
      summary:
        'Every request as the policies see it, or all of a share of the values of one attribute: lines of JSON without end.',
      query: objectOf({
        attribute: {
          type: 'string',
          maxLength: NAME_MAX,
          description: 'Whose values are drawn; with `share`.',
        },
        share: { type: 'string', description: 'Of its values, as in `10%`, above 0.' },
        hash: {
          type: 'string',
          maxLength: 4096,
          description: 'Names of attributes to hash, with commas between.',
        },
      }),
      headers: {
        [SEED_FIELD]: {
          type: 'string',
          minLength: SEED_LENGTH_MIN,
          description:
            'What values are drawn and hashed with; left out, it is drawn. One seed draws the same values everywhere.',
        },
      },
      responses: {
        200: {
          description: 'The log, the format of `headgate replay`.',
          schema: { type: 'string' },
          type: NDJSON,
        },
        503: {
          description: `${RECORDINGS_MAX} record already, which are as many as may, or it stops.`,
          schema: schemaRef('Problem'),
          type: 'application/problem+json',
        },
      },
      handler: (exchange) => record(recordings, exchange),
    },
  ]
}

function record(
  recordings: AdminParts['recordings'],
  { request, reply, service, transport }: Exchange,
): unknown {
  const options = optionsOf(request)
  if (request.method === 'HEAD') {
    service.grant?.need('admin')
    service.grant?.needAll()
    return reply.type(NDJSON).send('')
  }
  const recording = recordings.start({ caller: service, transport }, options)
  if (recording === null) {
    void reply.header('retry-after', '5')
    return sendProblem(reply, httpProblem(503, FULL))
  }
  // The connection ends with the stream; proxies pass on what comes.
  void reply.type(NDJSON).headers({ connection: 'close', 'x-accel-buffering': 'no' })
  const body = Readable.from(recording.text(), { objectMode: false })
  // Also where it was never read, and before it is: a reader that has gone makes room at once.
  body.once('close', () => recording.close())
  reply.raw.once('close', () => recording.close())
  return reply.send(body)
}

function optionsOf({ query, headers }: FastifyRequest): RecordOptions {
  const [attribute, share, hash] = ['attribute', 'share', 'hash'].map((name) => parameter(query, name))
  if ((attribute === undefined) !== (share === undefined)) {
    throw badRequest('attribute and share go together; give both, or neither', 'query')
  }
  const seed = headers[SEED_FIELD]
  if (seed !== undefined && String(seed).length < SEED_LENGTH_MIN) {
    throw badRequest(`the field ${SEED_FIELD} has at least ${SEED_LENGTH_MIN} characters`, SEED_FIELD)
  }
  return {
    sample:
      attribute === undefined ? null : { attribute: nameOf(attribute), share: shareOf(share as string) },
    hash: hash === undefined ? [] : [...new Set(hash.split(',').map((name) => nameOf(name.trim())))],
    seed: seed === undefined ? newSeed() : String(seed),
  }
}

function nameOf(name: string): string {
  if (name !== '') return name
  throw badRequest('a name of an attribute is empty; write names such as user, with commas between', 'query')
}

function shareOf(text: string): number {
  const percent = /^(\d{1,3}(?:\.\d{1,6})?)%$/.exec(text)?.[1]
  const share = Number(percent) / 100
  if (share > 0 && share <= 1) return share
  throw badRequest('share is a percentage above 0% and at most 100%, such as 10%', 'query.share')
}
