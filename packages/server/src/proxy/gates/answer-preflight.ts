import type { Stage } from '../stage.ts'

export const answerPreflight: Stage = {
  name: 'preflight',
  does: 'Answers browsers that ask whether a page of another origin may send a request (CORS).',
  answers: [[204, 'preflight']],
  run: ({ request, proxy: { cors } }) => cors?.preflight(request) ?? null,
}
