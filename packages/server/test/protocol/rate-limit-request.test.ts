import { HeadgateError } from 'headgate'
import { describe, expect, it } from 'vitest'
import { checkRequest } from '../../src/service/envoy/check-request.ts'
import { decodeRateLimit } from '../../src/transports/http/rate-limit-request.ts'

type Fields = Readonly<Record<string, unknown>>

const descriptor = ([key, value]: readonly [string, string], more: Fields = {}): Fields => ({
  entries: [{ key, value }],
  ...more,
})

describe('a request of the rate limit protocol', () => {
  it.each([
    [[], 'the body is an array', ''],
    [undefined, 'the body is undefined', ''],
    [{ domain: 'edge' }, 'there are no descriptors', 'descriptors'],
    [{ descriptors: [descriptor(['a', 'b'])] }, 'the domain is empty', 'domain'],
    [{ domain: 'edge', descriptor: [] }, 'unknown field "descriptor" (did you mean "descriptors"?)', ''],
    [{ domain: 'edge', descriptors: {} }, 'an object is not a list', 'descriptors'],
    [{ domain: 'edge', descriptors: [{}] }, 'at least one entry', 'descriptors[0].entries'],
    [
      { domain: 'edge', descriptors: [{ entries: [{ value: 'x' }] }] },
      'key of an entry is empty',
      'descriptors[0].entries[0].key',
    ],
    [
      { domain: 'edge', descriptors: [{ entries: [{ key: 'x', value: 1 }] }] },
      '1 is not a text',
      'descriptors[0].entries[0].value',
    ],
    [
      { domain: 'edge', hitsAddend: -1, descriptors: [descriptor(['a', 'b'])] },
      'is not a whole number',
      'hitsAddend',
    ],
    [
      { domain: 'edge', descriptors: [descriptor(['a', 'b'], { hitsAddend: 1.5 })] },
      'is not a whole',
      'descriptors[0].hitsAddend',
    ],
    [{ domain: 'edge', hitsAddend: 1, hits_addend: 1, descriptors: [] }, 'in both spellings', ''],
    [
      { domain: 'edge', descriptors: [descriptor(['a', 'b'], { isNegativeHits: 'yes' })] },
      'is not true or false',
      'descriptors[0].isNegativeHits',
    ],
    [
      { domain: 'edge', descriptors: [descriptor(['a', 'b'], { limit: { requestsPerUnit: 1 } })] },
      'the unit is missing',
      'descriptors[0].limit.unit',
    ],
    [
      {
        domain: 'edge',
        descriptors: [
          descriptor(['a', 'b'], { limit: { requestsPerUnit: 1, unit: 'YEAR', unitMultiplier: 101 } }),
        ],
      },
      'at most 100 years',
      'descriptors[0].limit.unitMultiplier',
    ],
    [
      { domain: 'edge', descriptors: Array.from({ length: 101 }, () => descriptor(['a', 'b'])) },
      'at most 100',
      'descriptors',
    ],
  ] as [unknown, string, string][])('is refused with the field and a sentence: %j', (body, message, path) => {
    try {
      checkRequest(decodeRateLimit(body))
      expect.unreachable()
    } catch (reason) {
      const { code, path: field, detail } = HeadgateError.from(reason)
      expect([code, field]).toEqual([expect.stringMatching(/^invalid-(request|cost)$/), path])
      expect(detail).toContain(message)
    }
  })
})
