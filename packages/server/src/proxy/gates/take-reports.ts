import type { Stage } from '../stage.ts'

export const takeReports: Stage = {
  name: 'reports',
  does: 'Takes what browsers report of violations of the content security policy, where a preset names a path for it.',
  answers: [
    [204, 'csp-report'],
    [400, 'bad-request'],
    [413, 'body-too-large'],
    [415, 'bad-request'],
  ],
  run: ({ request, message, proxy: { reports }, waitsForContinue, response }) => {
    if (!reports.matches(request)) return null
    if (waitsForContinue) response.writeContinue()
    return reports.answer(request, message)
  },
}
