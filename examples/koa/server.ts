import Router from '@koa/router'
import { rateLimit } from 'headgate/koa'
import Koa from 'koa'

const app = new Koa()
app.use(rateLimit({ limit: '100/min' }))

const router = new Router()
const logins = rateLimit({ name: 'login', limit: '5/15m', skipSuccessful: true })
router.post('/login', logins, (context) => {
  context.status = 401
  context.body = 'wrong password'
})
router.get('/', (context) => {
  context.body = 'hello'
})
app.use(router.routes())

const { PORT = 3000 } = process.env
export const server = app.listen(Number(PORT))
