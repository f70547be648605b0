import express from 'express'
import { rateLimit } from 'headgate/express'

const app = express()
app.use(rateLimit({ limit: '100/min', trustedProxies: ['127.0.0.1', '::1'] }))
app.get('/', (_request, response) => void response.send('hello'))

const { PORT = 3000 } = process.env
export const server = app.listen(Number(PORT))
