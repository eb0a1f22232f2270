// The public API. What is not here is not public.

export { createRouter } from './library/create-router.ts'
export {
  ConfigError,
  isRouterError,
  ProviderError,
  QuotaExhaustedError,
  RequestError,
  RouterError,
} from './errors.ts'
export { createMovableClock, systemClock } from './clock.ts'

export type { KeyOption, Router, RouterOptions } from './library/create-router.ts'
export type { ChatMessage, ChatOptions, ChatResponse, ChatStream } from './library/chat.ts'
export type { ChatEvent, FinishReason, Usage } from './chat/types.ts'
export type {
  AccountStatus,
  Cooldown,
  KeyStatus,
  KeyUse,
  ProviderStatus,
  Status,
  WindowStatus,
} from './routing/status.ts'
export type { ListedModel } from './routing/core.ts'
export type { PlannedAccount, PlannedKey, PlannedLimit } from './routing/preview-account.ts'
export type { PlannedCandidate, PlannedSkip, PlanRequest, RoutePlan } from './routing/preview.ts'
export type { Why, WhyAttempt } from './routing/why.ts'
export type { Step } from './routing/trail.ts'
export type { Log } from './routing/settings.ts'
export type { ErrorCode, SpentPool } from './errors.ts'
export type { Clock, MovableClock, Random } from './clock.ts'
