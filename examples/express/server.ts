import express from 'express'
import { rateLimit } from 'headgate/express'

const app = express()
app.use(rateLimit({ limit: '100/min' }))

const logins = rateLimit({ name: 'login', limit: '5/15m', skipSuccessful: true })
app.post('/login', logins, (_request, response) => {
  response.status(401).send('wrong password')
})
app.get('/', (_request, response) => {
  response.send('hello')
})

const { PORT = 3000 } = process.env
export const server = app.listen(Number(PORT))
