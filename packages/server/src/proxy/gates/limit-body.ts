import type { OwnAnswer } from '../answers/own-answer.ts'
import { problemAnswer } from '../answers/problem-answer.ts'
import type { Stage } from '../stage.ts'

export const limitBody: Stage = {
  name: 'body',
  does: 'Refuses bodies that are longer than `maxBody`; one that does not say how long it is, once it has become so.',
  answers: [[413, 'body-too-large']],
  run: ({ request: { contentLength }, route: { bodyBytesMax } }) =>
    contentLength !== null && contentLength > bodyBytesMax ? bodyTooLarge(bodyBytesMax) : null,
}

/** What a client is told whose body is too long. */
export function bodyTooLarge(bytesMax: number): OwnAnswer {
  const detail = `the body is longer than the ${bytesMax} bytes that this path takes`
  return problemAnswer('body-too-large', detail, { closes: true })
}
