import { createServer } from 'node:http'
import { rateLimit } from 'headgate/node'

const limited = rateLimit({ limit: '100/min' })
const logins = rateLimit({ name: 'login', limit: '5/15m', skipSuccessful: true })

const server = createServer(async (request, response) => {
  if (!(await limited(request, response))) return
  if (request.url !== '/login') response.end('hello')
  else if (await logins(request, response)) response.writeHead(401).end('wrong password')
})

const { PORT = 3000 } = process.env
server.listen(Number(PORT))
