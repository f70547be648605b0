import { problemAnswer } from '../answers/problem-answer.ts'
import type { Stage } from '../stage.ts'

export const allowUpgrades: Stage = {
  name: 'upgrade',
  does: 'Refuses WebSockets where the route has none. Other protocols are not changed to: their requests go on as they are.',
  answers: [[403, 'upgrade-refused']],
  run: ({ request: { upgrade, method, body }, route, isUpgrade }) => {
    if (!isUpgrade)
      return upgrade === 'websocket'
        ? refused('a WebSocket begins on a connection where nothing else waits')
        : null
    if (upgrade !== 'websocket') return refused('only WebSockets pass here')
    if (!route.webSocket) return refused('this path takes no WebSockets')
    // RFC 6455, section 4.1.
    if (method !== 'GET' || body !== 'none') return refused('a WebSocket begins with GET, and without a body')
    return null
  },
}

function refused(detail: string): ReturnType<typeof problemAnswer> {
  return problemAnswer('upgrade-refused', detail, { closes: true })
}
