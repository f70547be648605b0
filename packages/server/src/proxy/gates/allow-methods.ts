import { problemAnswer } from '../answers/problem-answer.ts'
import type { Stage } from '../stage.ts'

export const allowMethods: Stage = {
  name: 'method',
  does: 'Refuses methods that the route does not take.',
  answers: [[405, 'method-not-allowed']],
  run: ({ request: { method }, route }) => {
    if (route.methods.has(method)) return null
    return problemAnswer('method-not-allowed', `the method is none of ${route.allow}`, {
      fields: ['allow', route.allow],
    })
  },
}
