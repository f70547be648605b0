import express from 'express'
import { rateLimit } from 'headgate/express'
import { redisStore } from 'headgate/redis'

const { PORT = 3000, REDIS_URL = 'redis://localhost:6379' } = process.env
const store = redisStore(REDIS_URL)

const app = express()
app.use(rateLimit({ name: 'api', limit: '100/min', store, replicas: 'auto', logLevel: 'error' }))

const logins = rateLimit({ name: 'login', limit: '5/15m', store, onStoreError: 'closed' })
app.post('/login', logins, (_request, response) => void response.status(401).send('wrong password'))
app.get('/', (_request, response) => void response.send('hello'))

export const server = app.listen(Number(PORT))
