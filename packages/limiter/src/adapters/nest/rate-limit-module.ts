import { type DynamicModule, type FactoryProvider, Module, type ModuleMetadata } from '@nestjs/common'
import { APP_FILTER, APP_GUARD, DiscoveryModule, DiscoveryService } from '@nestjs/core'
import { NestLimits, type NestRateLimitDefaults } from './nest-limits.ts'
import { RateLimitFilter } from './rate-limit-exception.ts'
import { RateLimitGuard } from './rate-limit-guard.ts'

/** How the guard is installed. */
export interface RateLimitModuleOptions {
  /**
   * Whether every route is behind the guard, in front of the guards of controllers. With `false` it is where `@UseGuards` names
   * it, for key functions that need what another guard finds out.
   * @default true
   */
  readonly appGuard?: boolean
}

/** How the defaults are made of other providers. */
export interface RateLimitFactory extends RateLimitModuleOptions, Pick<ModuleMetadata, 'imports'> {
  readonly useFactory: FactoryProvider<NestRateLimitDefaults>['useFactory']
  /**
   * What `useFactory` gets.
   * @default nothing
   */
  readonly inject?: FactoryProvider['inject']
}

const DEFAULTS = Symbol('headgate.defaults')

/**
 * Rate limits for an application of Nest, on Express and on Fastify.
 *
 * ```ts
 * @Module({ imports: [RateLimitModule.forRoot({ limit: '100/min', limiters: { login: { limit: '5/15m' } } })] })
 * ```
 *
 * Its options are defaults of every limit, also of those that decorators make. A `limit` among them limits every route, and
 * `limits` are more of these.
 */
// biome-ignore lint/complexity/noStaticOnlyClass: modules of Nest are classes
export class RateLimitModule {
  /** Limits by these options. A mistake in them, or in those of a controller, fails the start of the application. */
  static forRoot(options: NestRateLimitDefaults & RateLimitModuleOptions = {}): DynamicModule {
    const { appGuard = true, ...defaults } = options
    return moduleOf({ useFactory: () => defaults, appGuard })
  }

  /** As {@link RateLimitModule.forRoot}, by options that a factory makes of other providers, such as a store. */
  static forRootAsync(factory: RateLimitFactory): DynamicModule {
    return moduleOf(factory)
  }
}
Module({})(RateLimitModule)

function moduleOf({
  imports = [],
  inject = [],
  useFactory,
  appGuard = true,
}: RateLimitFactory): DynamicModule {
  const limits: FactoryProvider<NestLimits> = {
    provide: NestLimits,
    inject: [DEFAULTS, DiscoveryService],
    useFactory: (defaults: NestRateLimitDefaults, discovery: DiscoveryService) =>
      new NestLimits(defaults, discovery),
  }
  return {
    module: RateLimitModule,
    global: true,
    imports: [...imports, DiscoveryModule],
    providers: [
      { provide: DEFAULTS, useFactory, inject },
      limits,
      RateLimitGuard,
      { provide: APP_FILTER, useClass: RateLimitFilter },
      ...(appGuard ? [{ provide: APP_GUARD, useExisting: RateLimitGuard }] : []),
    ],
    // A guard that a controller names is made in the module of the controller.
    exports: [NestLimits],
  }
}
