import { Controller, Get, Module, Post } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { RateLimit, RateLimitModule, SkipRateLimit } from 'headgate/nest'

@Controller('auth')
@RateLimit({ limit: '30/min' })
class AuthController {
  @Post('login')
  @RateLimit('login')
  login() {}

  @SkipRateLimit()
  @Get('health')
  health() {}
}

const limits = RateLimitModule.forRoot({ limit: '100/min', limiters: { login: { limit: '5/15m' } } })

@Module({ imports: [limits], controllers: [AuthController] })
class AppModule {}

const { PORT = 3000 } = process.env
const app = await NestFactory.create(AppModule, { logger: ['warn', 'error'] })
await app.listen(PORT)
