import express from 'express'

const app = express()
app.get('/', (_request, response) => {
  response.send('hello')
})
app.post('/login', (_request, response) => {
  response.status(401).send('wrong password')
})
app.get('/admin', (request, response) => {
  response.send(`hello ${request.get('x-auth-principal')}`)
})
app.post('/chat', (_request, response) => {
  response.set('x-tokens', '400').send('an answer of 400 tokens')
})

const { PORT = 3000 } = process.env
export const server = app.listen(Number(PORT), '127.0.0.1')
