import type { OwnAnswer } from './own-answer.ts'
import { problemAnswer } from './problem-answer.ts'

/** What a client is told that a policy with `missing: refuse` knows nothing of. A 401 has a challenge (RFC 9110, section 15.5.2). */
export const IDENTITY_NEEDED: OwnAnswer = problemAnswer(
  'unauthenticated',
  'a policy needs an identity that this request does not have',
  { fields: ['www-authenticate', 'Bearer'] },
)
